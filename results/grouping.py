"""Which experiments are averaged together: those that differ only in the settings over which one wants to aggregate.

Runs of one experiment are always averaged over their seeds. `seed` (or `model_num`, its name in the released scripts) asks for
nothing more, so every experiment stays a group of its own. Any other name is that of a setting (`beta`): experiments whose
settings, those of their Sources included, agree in all but this one form one group.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import UserError
from results.run_folder import RunFolder, read_object, runs_of, source_and_target

SEED_NAMES = ("seed", "model_num")


@dataclass(frozen=True)
class Group:
    """Experiments whose runs are averaged together; `notes` tell what a reader should know of their settings."""

    name: str
    experiments: tuple[str, ...]
    notes: tuple[str, ...] = ()


def group_experiments(output: Path, experiments: Sequence[str], values: Sequence[str]) -> list[Group]:
    """Groups of transfers, in the order given. Raises UserError for a value that is no setting of any of them."""
    pooled = [value for value in dict.fromkeys(values) if value not in SEED_NAMES]
    if not pooled:
        return [Group(one, (one,), _seed_notes(output, one)) for one in dict.fromkeys(experiments)]
    settings = {one: _settings(output, one) for one in dict.fromkeys(experiments)}
    for value in pooled:
        _check(value, settings)
    by_rest: dict[str, list[str]] = {}
    for experiment, of_experiment in settings.items():
        rest = {key: value for key, value in of_experiment.items() if not any(_is(key, name) for name in pooled)}
        by_rest.setdefault(json.dumps(rest, sort_keys=True), []).append(experiment)
    return [_group(output, members, pooled, settings) for members in by_rest.values()]


def _group(output: Path, members: Sequence[str], pooled: Sequence[str], settings: Mapping[str, Mapping[str, object]]) -> Group:
    notes = [note for member in members for note in _seed_notes(output, member)]
    if len(members) == 1:
        return Group(members[0], (members[0],), tuple(notes))
    spread = [f"{name} {', '.join(dict.fromkeys(_shown(settings[member], name) for member in members))}" for name in pooled]
    return Group(f"{members[0]} ({'; '.join(spread)})", tuple(members), (f"Averaged together: {', '.join(members)}", *notes))


def _settings(output: Path, experiment: str) -> dict[str, object]:
    """All that may tell two transfers apart: settings of the transfer and of its Source, and both data sets.

    The names of experiments are left out: a variant is called otherwise than its original. Where the Source's settings are not
    there, its name has to stand for them.
    """
    source, target = source_and_target(experiment)
    names = {experiment, source, target}
    own = _first_settings(runs_of(output, experiment))
    folder = output / source
    of_source = (
        _first_settings(runs_of(output, source)) if folder.is_dir() and any(path.name.isdigit() for path in folder.iterdir()) else {}
    )

    def without_names(settings: Mapping[str, object]) -> dict[str, object]:
        return {key: value for key, value in settings.items() if not (isinstance(value, str) and value in names)}

    known = without_names(own) | {f"source {key}": value for key, value in without_names(of_source).items()}
    return known if of_source else {**known, "source": source}


def _first_settings(runs: Sequence[RunFolder]) -> dict[str, object]:
    """The settings and the data set of the first run that has them, from its last stage on."""
    for run in runs:
        for stage in reversed(run.stages):
            if stage.settings.exists():
                return {**read_object(stage.settings), "data set": stage.read_status().get("dataset")}
    return {}


def _seed_notes(output: Path, experiment: str) -> tuple[str, ...]:
    """A line where seeds of one experiment were not run with the same settings."""
    found = {}
    for run in runs_of(output, experiment):
        stage = run.stages[-1]
        if stage.settings.exists():
            found[run.seed] = {key: value for key, value in read_object(stage.settings).items() if not _is(key, "seed")}
    keys = sorted({key for one in found.values() for key in one if any(one.get(key) != other.get(key) for other in found.values())})
    return (f"Seeds of {experiment} differ in {', '.join(keys)}",) if keys else ()


def _check(value: str, settings: Mapping[str, Mapping[str, object]]) -> None:
    if any(_is(key, value) for one in settings.values() for key in one):
        return
    known = sorted({key.removeprefix("source ").rsplit(".", 1)[-1] for one in settings.values() for key in one})
    near = difflib.get_close_matches(value, [*SEED_NAMES, *known], 3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"settings are {', '.join([*SEED_NAMES, *known])}"
    raise UserError(f"there is no setting {value!r} to aggregate over; {hint}")


def _is(key: str, name: str) -> bool:
    """Whether a resolved setting goes by this name: the macro, the parameter of any part, or the full selector."""
    key = key.removeprefix("source ")
    return key == name or key.rsplit(".", 1)[-1] == name


def _shown(settings: Mapping[str, object], name: str) -> str:
    return str(next((value for key, value in settings.items() if _is(key, name)), "not set"))

"""The numbers of a report: what was run, the headline scores of every seed, and where they lie between null and ceiling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from results.collect import ALL_FACTORS, why_without_scores
from results.measures import ACTIONS, LOSSES, MEASURES, TARGETS, Chosen, Measure, choose, companion
from results.run_folder import UNTRAINED, read_object, runs_of
from results.summary import setting_notes
from results.tables import GAP, Table, number

OMES = MEASURES[0]
MIG = next(measure for measure in MEASURES if measure.metric == "mig")

UNTOLD = ("command", "changed_files")  # commands differ from run to run; changed files have a line of their own
LONGEST_VALUE = 40


@dataclass(frozen=True)
class Strip:
    """OMES of all seeds of one stage on a line from 0 to 1, with what shuffled factors and a perfect code would get."""

    stage: str
    values: tuple[float, ...]
    mean: float
    null: float | None
    ceiling: float | None


def runs_table(output: Path, experiment: str) -> Table:
    """What was run, one row per stage: data, model, steps and seeds; provenance and environment as notes."""
    rows: dict[str, dict[str, list[str]]] = {}
    provenance: dict[str, None] = {}
    environments: list[dict[str, object]] = []
    for run in runs_of(output, experiment):
        for stage in run.stages:
            if why_without_scores(stage):
                continue
            status = stage.read_status()
            known = rows.setdefault(stage.stage, {"dataset": [], "model": [], "step": [], "seed": []})
            for key, values in known.items():
                value = str(run.seed if key == "seed" else status.get(key, GAP))
                values += [value] if value not in values else []
            if status.get("provenance"):
                provenance[f"{status.get('dataset')}: {status['provenance']}"] = None
            if stage.environment.exists():
                environments.append(_flat(read_object(stage.environment)))
    body = tuple((stage, *(", ".join(values) for values in known.values())) for stage, known in rows.items())
    notes = (*provenance, *_environment(environments))
    return Table("What was run", ("stage", "data set", "model", "steps", "seeds"), body, notes)


def _environment(environments: Sequence[Mapping[str, object]]) -> list[str]:
    """One line on the machine and the versions of all runs, and one where files differed from the commit."""
    told = []
    for key in dict.fromkeys(key for one in environments for key in one if key not in UNTOLD):
        values = dict.fromkeys(str(one[key])[:LONGEST_VALUE] for one in environments if key in one)
        told.append(f"{key} {' and '.join(values)}")
    changed = {str(name) for one in environments for name in _listed(one.get("changed_files"))}
    warning = f"{len(changed)} files differed from that commit: {', '.join(sorted(changed))}"
    return [*([", ".join(told)] if told else []), *([warning] if changed else [])]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _flat(content: Mapping[str, object]) -> dict[str, object]:
    """Entries of nested mappings under their own names."""
    flat: dict[str, object] = {}
    for key, value in content.items():
        flat |= _flat(value) if isinstance(value, Mapping) else {key: value}
    return flat


def headline_tables(table: pd.DataFrame) -> tuple[Table, ...]:
    """OMES of every seed beside the untrained network, ceiling and null; MIG and losses; then what the model knows of actions, if any."""
    actions = _columns(table, ACTIONS)
    scores = _by_seed(table, "Headline scores", _columns(table, (OMES, MIG, *TARGETS, *LOSSES)))
    return (scores, _by_seed(table, "What the model knows of the actions", actions)) if actions else (scores,)


def _by_seed(table: pd.DataFrame, title: str, columns: Mapping[str, Chosen]) -> Table:
    """One row per stage and seed, then the mean over seeds of each stage."""
    stages = list(table["stage"].unique())
    body: list[tuple[str, ...]] = []
    rules = []
    omes = columns.get(OMES.name)
    for stage in stages:
        seeds = sorted(table.loc[table["stage"] == stage, "seed"].unique())
        rules.append(len(body))
        gains = [_value(omes, stage, seed) - _value(omes, UNTRAINED, seed) for seed in seeds] if omes else []
        for i, seed in enumerate(seeds):
            cells = [chosen.measure.text(pd.Series([_value(chosen, stage, seed)])) for chosen in columns.values()]
            body.append((f"{stage}, seed {seed}", *(_with_gain(cells, number(gains[i], sign=True), stage) if omes else cells)))
        if len(seeds) > 1:
            values = {name: pd.Series([_value(chosen, stage, seed) for seed in seeds]) for name, chosen in columns.items()}
            cells = [chosen.measure.text(values[name]) for name, chosen in columns.items()]
            gain = pd.Series(gains, dtype=float)
            body.append((f"{stage}, mean", *(_with_gain(cells, number(gain.mean(), gain.std(), sign=True), stage) if omes else cells)))
    names = list(columns)
    header = ("stage, seed", *names[:1], *(["above untrained"] if omes else []), *names[1:])
    return Table(title, header, tuple(body), tuple(setting_notes(columns.values())), frozenset(rules[1:]))


def headline_strips(table: pd.DataFrame) -> tuple[Strip, ...]:
    """One strip per stage; none where OMES was not computed."""
    omes = choose(table, OMES)
    if omes is None:
        return ()
    strips = []
    for stage in table["stage"].unique():
        values = [_value(omes, stage, seed) for seed in sorted(table.loc[table["stage"] == stage, "seed"].unique())]
        values = [value for value in values if math.isfinite(value)]
        if values:
            limits = [_mean(companion(table, omes, kind), stage) for kind in ("null", "ceiling")]
            strips.append(Strip(stage, tuple(values), sum(values) / len(values), *limits))
    return tuple(strips)


def _columns(table: pd.DataFrame, measures: Sequence[Measure]) -> dict[str, Chosen]:
    """Those measures that the runs have, OMES with ceiling and null."""
    columns: dict[str, Chosen] = {}
    for measure in measures:
        chosen = choose(table, measure)
        if chosen:
            columns[measure.name] = chosen
            if measure is OMES:
                columns |= {kind: extra for kind in ("ceiling", "null") if (extra := companion(table, chosen, kind))}
    return columns


def _with_gain(cells: list[str], gain: str, stage: str) -> tuple[str, ...]:
    return (*cells[:1], GAP if stage == UNTRAINED else gain, *cells[1:])


def _value(chosen: Chosen | None, stage: str, seed: int) -> float:
    if chosen is None:
        return math.nan
    table = chosen.table
    found = table[(table["stage"] == stage) & (table["seed"] == seed) & (table["factor"] == ALL_FACTORS)]["value"]
    return float(found.iloc[0]) if len(found) else math.nan


def _mean(chosen: Chosen | None, stage: str) -> float | None:
    if chosen is None:
        return None
    table = chosen.table
    value = float(table[(table["stage"] == stage) & (table["factor"] == ALL_FACTORS)]["value"].mean())
    return value if math.isfinite(value) else None

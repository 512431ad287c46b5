"""A published table beside our own figures: what is in configs/published/, and the runs of the experiments that it names.

The file NAME.csv has a row per experiment: `experiment`, `model` (its name in the table), and the published figures in columns that are
called like the measures of `results.measures`; an empty cell was not published, and a column without any figure is measured only. Lines
that begin with # say where the figures are from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from foundation.atomic_files import write_text
from foundation.errors import UserError
from results.collect import ALL_FACTORS, collect
from results.measures import HEADLINE, Chosen, Measure, choose
from results.run_folder import TRAINED, runs_of
from results.tables import GAP, Table

FOLDER = Path(__file__).resolve().parent.parent / "configs" / "published"


@dataclass(frozen=True)
class Measured:
    """What the runs of one experiment have: measures by name, their seeds, and what a reader should know."""

    chosen: Mapping[str, Chosen]
    seeds: int
    notes: tuple[str, ...] = ()


def published_table(output: Path, name: str) -> str:
    """The published table `name` beside the means over all seeds in `output`; also written there as published_NAME.md.

    Returns what a terminal should show. Experiments without a run stand in the table with dashes. Raises UserError for a table that
    there is not, and where none of its experiments was run.
    """
    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        raise UserError(f"there is no published table {name!r}; there are {', '.join(sorted(one.stem for one in FOLDER.glob('*.csv')))}")
    published = pd.read_csv(path, comment="#")
    source = " ".join(line.lstrip("# ") for line in path.read_text().splitlines() if line.startswith("#"))
    measures = [next(one for one in HEADLINE if one.name == column) for column in published.columns[2:]]
    beside = {one.name for one in measures if published[one.name].notna().any()}
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    not_run: list[str] = []
    settings: dict[str, Mapping[str, Chosen]] = {}
    for experiment in published.to_dict("records"):
        model, measured = str(experiment["model"]), _measured(output, str(experiment["experiment"]), measures)
        if measured is None:
            not_run.append(str(experiment["experiment"]))
            measured = Measured({}, 0)
        settings[model] = measured.chosen
        notes += measured.notes
        cells: list[str] = []
        for measure in measures:
            cells.append(_cell(measured.chosen.get(measure.name)))
            figure = float(str(experiment[measure.name]))
            cells += [GAP if pd.isna(figure) else f"{figure:g}"] if measure.name in beside else []
        rows.append((model, str(measured.seeds), *cells))
    if len(not_run) == len(rows):
        raise UserError(f"none of the experiments of the table {name} was run in {output}: {', '.join(not_run)}")
    header = ("model", "seeds", *(part for one in measures for part in (one.name, "published")[: 1 + (one.name in beside)]))
    title = f"{name}: measured and published" if beside else f"{name}: measured; figures to stand beside it are not known"
    told = [source, "Mean ± standard deviation over seeds" + (", published figure behind it" if beside else ""), *_settings(settings)]
    told += [f"Not run: {', '.join(not_run)} (there are no runs in {output})"] if not_run else []
    table = Table(title, header, tuple(rows), (*told, *notes))
    write_text(output / f"published_{name}.md", table.markdown())
    return table.text() + f"\n\nwritten: {output / f'published_{name}.md'}"


def _measured(output: Path, experiment: str, measures: Sequence[Measure]) -> Measured | None:
    """What the trained models of an experiment have; None where it was never run."""
    try:
        runs_of(output, experiment)
    except UserError:
        return None
    try:
        collected = collect(output, [experiment])
    except UserError as reason:  # no seed of it is complete, or a file cannot be read
        return Measured({}, 0, (str(reason),))
    trained = collected.table[collected.table["stage"] == TRAINED]
    chosen = {measure.name: one for measure in measures if (one := choose(trained, measure))}
    return Measured(chosen, trained["seed"].nunique(), tuple(str(one) for one in (*collected.missing, *collected.notes)))


def _settings(by_model: Mapping[str, Mapping[str, Chosen]]) -> list[str]:
    """Under which setting a measure was taken, where models differ in it: one line for each such measure."""
    models: dict[str, dict[str, list[str]]] = {}
    for model, chosen in by_model.items():
        for name, one in chosen.items():
            models.setdefault(name, {}).setdefault(one.note, []).append(model)
    return [
        f"{name}: " + "; ".join(f"{note} ({', '.join(having)})" for note, having in of_note.items())
        for name, of_note in models.items()
        if len(of_note) > 1
    ]


def _cell(chosen: Chosen | None) -> str:
    if chosen is None:
        return GAP
    return chosen.measure.text(chosen.table.loc[chosen.table["factor"] == ALL_FACTORS, "value"])

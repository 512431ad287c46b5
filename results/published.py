"""A published table beside our own figures: what is in configs/published/, and the runs of the experiments that it names.

The file NAME.csv has a row per experiment: `experiment`, `model` (its name in the table), and the published figures in columns that are
called like the measures of `results.measures`; an empty cell was not published. Lines that begin with # say where the figures are from.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path

import pandas as pd

from foundation.atomic_files import write_text
from foundation.errors import UserError
from results.collect import ALL_FACTORS, collect
from results.measures import HEADLINE, Measure, choose
from results.run_folder import TRAINED
from results.tables import GAP, Table, number

FOLDER = Path(__file__).resolve().parent.parent / "configs" / "published"


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
    rows, notes, run = [], [source, "Mean ± standard deviation over seeds, published figure behind it"], 0
    for experiment in published.to_dict("records"):
        try:
            collected = collect(output, [str(experiment["experiment"])])
        except UserError as reason:
            rows.append((str(experiment["model"]), "0", *_cells(None, measures, experiment)))
            notes.append(str(reason))
            continue
        run += 1
        trained = collected.table[collected.table["stage"] == TRAINED]
        rows.append((str(experiment["model"]), str(trained["seed"].nunique()), *_cells(trained, measures, experiment)))
        notes += [str(one) for one in (*collected.missing, *collected.notes)]
    if not run:
        raise UserError(f"none of the experiments of the table {name} was run in {output}: {', '.join(published['experiment'])}")
    header = ("model", "seeds", *(part for measure in measures for part in (measure.name, "published")))
    table = Table(f"{name}: measured and published", header, tuple(rows), tuple(notes))
    write_text(output / f"published_{name}.md", table.markdown())
    return table.text() + f"\n\nwritten: {output / f'published_{name}.md'}"


def _cells(trained: pd.DataFrame | None, measures: list[Measure], published: Mapping[Hashable, object]) -> list[str]:
    """For each measure what was measured, and what is published."""
    cells: list[str] = []
    for measure in measures:
        chosen = choose(trained, measure) if trained is not None else None
        values = chosen.table.loc[chosen.table["factor"] == ALL_FACTORS, "value"] if chosen else pd.Series(dtype=float)
        cells.append(number(values.mean(), values.std(), measure.digits))
        figure = float(str(published[measure.name]))
        cells.append(GAP if pd.isna(figure) else f"{figure:g}")
    return cells

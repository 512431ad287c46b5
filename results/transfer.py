"""Compares transfers before and after: writes the tables (Markdown, CSV, LaTeX) and the figures of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from foundation.atomic_files import write_text
from foundation.errors import UserError
from metrics.scores import Matrix
from results.aggregate import write_csv
from results.charts import violins
from results.collect import ALL_FACTORS, Collected, collect
from results.comparison import STAGES, by_run, chosen_measures, compare
from results.comparison_tables import comparison_tables
from results.grouping import Group, group_experiments
from results.heat_maps import FEWEST_FOR_A_CORRELATION, improvement, rank_correlation
from results.measures import Chosen
from results.run_folder import is_transfer, runs_of
from results.summary import gaps, setting_notes
from results.tables import Table

LONGEST_NAME = 120


@dataclass(frozen=True)
class Comparison:
    """Transfers in groups: what was collected, the numbers (see `compare`), and the tables, three for each group."""

    collected: Collected
    groups: tuple[Group, ...]
    compared: pd.DataFrame
    tables: tuple[Table, ...]


def read_comparison(output: Path, experiments: Sequence[str], values: Sequence[str] = ("seed",)) -> Comparison:
    """Collects and compares transfers. Raises UserError for experiments that are none, or have no run to compare."""
    for experiment in experiments:
        runs_of(output, experiment)
        if not is_transfer(experiment):
            raise UserError(f"{experiment!r} is not a transfer (SOURCE_to_TARGET); aggregate_results.py summarises a Source")
    collected = collect(output, experiments)
    groups = [_with_data_sets(group, collected.table) for group in group_experiments(output, experiments, values)]
    compared = compare(collected.table, groups)
    tables = comparison_tables(compared, groups, setting_notes(chosen_measures(collected.table)))
    return Comparison(collected, tuple(groups), compared, tuple(tables))


def comparison_folder(output: Path, experiments: Sequence[str]) -> Path:
    """Where a comparison is kept: in the folder of its experiment, or in one of its own where there are several."""
    if len(experiments) == 1:
        return output / experiments[0] / "comparison"
    name = f"comparison_{'_and_'.join(experiments)}"
    return output / (name if len(name) <= LONGEST_NAME else f"comparison_{experiments[0]}_and_{len(experiments) - 1}_more")


def write_comparison(comparison: Comparison, folder: Path) -> str:
    """Writes comparison.md, .csv, .tex and the figures; returns what a terminal should show."""
    tables = comparison.tables
    missing = "\n".join(gaps(comparison.collected))
    write_csv(comparison.compared, folder / "comparison.csv")
    write_text(
        folder / "comparison.md",
        "\n".join(["# Before and after the transfer\n", *(table.markdown() for table in tables), missing, ""]),
    )
    write_text(folder / "comparison.tex", "\n".join(table.latex(f"tab:transfer-{i}") for i, table in enumerate(tables, 1)))
    drawn, skipped = draw_comparison(comparison, folder)
    shown = [table.text() for i, table in enumerate(tables) if i % 3 < 2]
    files = ", ".join(["comparison.csv", "comparison.tex", *(path.name for path in drawn)])
    return "\n\n".join([*shown, missing, *skipped, f"written: {folder / 'comparison.md'}, {files}"])


def draw_comparison(comparison: Comparison, folder: Path) -> tuple[list[Path], list[str]]:
    """Draws violins, rank correlation and improvements; returns the paths, and a line for each figure that has too few points."""
    chosen = chosen_measures(comparison.collected.table)
    drawn, skipped = [folder / "violins.png"], []
    violins(_samples(comparison.groups, chosen), drawn[0])
    values = pd.DataFrame({one.measure.name: by_run(one).stack().dropna() for one in chosen})
    title = f"Rank correlation (Spearman) over {len(values)} runs and stages"
    if rank_correlation(values, title, folder / "rank_correlation.png"):
        drawn.append(folder / "rank_correlation.png")
    else:
        (folder / "rank_correlation.png").unlink(missing_ok=True)
        skipped.append(f"no rank correlation: it needs {FEWEST_FOR_A_CORRELATION} runs and stages and two scores that vary")
    for i, group in enumerate(comparison.groups):
        drawn.append(folder / ("improvement.png" if i == 0 else f"improvement_{i + 1}.png"))
        improvement(_improvements(comparison.compared, group), f"Improvement in points\n{group.name}", drawn[-1])
    return drawn, skipped


def _with_data_sets(group: Group, table: pd.DataFrame) -> Group:
    names = table.loc[table["experiment"].isin(group.experiments), "dataset"].unique()
    return replace(group, notes=(f"Data: {', '.join(names)}", *group.notes))


def _samples(groups: Sequence[Group], chosen: Sequence[Chosen]) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Score -> group -> stage -> values [runs]; stages that no run has are left out."""
    samples: dict[str, dict[str, dict[str, np.ndarray]]] = {}
    for one in chosen:
        values = by_run(one)
        for group in groups:
            rows = values[values.index.get_level_values("experiment").isin(group.experiments)]
            stages = {stage: rows[stage].to_numpy(dtype=float) for stage in STAGES if rows[stage].notna().any()}
            label = group.name.replace("_to_", "\nto ").replace(" (", "\n(")
            samples.setdefault(one.measure.name, {})[label] = stages
    return samples


def _improvements(compared: pd.DataFrame, group: Group) -> Matrix:
    rows = compared[(compared["group"] == group.name) & (compared["unit"] == "points")]
    names, factors = list(rows["name"].unique()), list(rows["factor"].unique())
    grid = rows.pivot(index="factor", columns="name", values="improvement").reindex(index=factors, columns=names)
    return Matrix(grid.to_numpy(dtype=float), tuple("all factors" if f == ALL_FACTORS else f for f in factors), tuple(names))

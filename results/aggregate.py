"""Writes the tables of one experiment, scores.csv, summary.csv and summary.md, and its learning curves into its folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from foundation.atomic_files import atomic_open, write_text
from results.collect import collect
from results.experiment_charts import draw_learning_curves
from results.summary import gaps, summarise, summary_markdown, summary_tables


def aggregate(output: Path, experiment: str, seeds: int | None = None) -> str:
    """Collects all seeds of an experiment, writes the tables and the chart, and returns what a terminal should show.

    Nothing is written where something cannot be read (UserError).
    """
    collected = collect(output, [experiment], seeds)
    folder = output / experiment
    write_csv(collected.table, folder / "scores.csv")
    write_csv(summarise(collected.table), folder / "summary.csv")
    write_text(folder / "summary.md", summary_markdown(experiment, collected))
    drawn, notes = draw_learning_curves(output, experiment, collected.table)
    tables = [table.text() for table in summary_tables(experiment, collected.table)]
    written = f"written: {folder / 'scores.csv'} ({len(collected.table)} numbers), summary.csv, summary.md"
    written += f", {drawn.relative_to(folder)}{''.join(f' ({note})' for note in notes)}" if drawn else ""
    return "\n\n".join([*tables, "\n".join(gaps(collected)), written])


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV, numbers in full; an empty cell is no number, or all factors together."""
    with atomic_open(path) as file:
        table.to_csv(file, index=False, lineterminator="\n")

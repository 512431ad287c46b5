"""The chart that all seeds of an experiment give together: their learning curves."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from results.learning_curves import learning_curves
from results.run_folder import LEARNING_CURVES, experiment_figure, runs_of
from results.stage_charts import read_terms


def draw_learning_curves(output: Path, experiment: str, table: pd.DataFrame) -> tuple[Path | None, tuple[str, ...]]:
    """Draws what the seeds of an experiment reported while they trained; its path (None: nothing was reported), and notes.

    `table`: the scores, for the true angles of actions. Seeds that are still training or failed count with what they have.
    """
    terms = {}
    for run in runs_of(output, experiment):
        known = [one for one in map(read_terms, run.stages) if len(one)]
        if known:
            terms[f"seed {run.seed}"] = known[-1]
    if not terms:
        return None, ()
    path = experiment_figure(output, experiment, LEARNING_CURVES)
    angles = sorted(set(table.loc[table["metric"] == "true_angle", "value"].round(6)))
    seeds = ", ".join(name.removeprefix("seed ") for name in terms)
    return path, learning_curves(terms, path, f"{experiment}, seed{'s' if len(terms) > 1 else ''} {seeds}", angles)

"""The charts that the files of a stage suffice for: its loss curves, and a heat map of every matrix that a metric left."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from foundation.errors import UserError
from results.heat_maps import heat_map
from results.learning_curves import learning_curves
from results.run_folder import LOSSES, StageFolder

# A matrix that is not named here gets its own name as the title; the scale of a bounded one ends at 1, else at its largest value.
TITLES = {
    "association": "Association of code dimensions (rows) with factors",
    "action_confusion_policy": "Which own action (columns) the policy chooses for which true one (rows)",
    "action_confusion_nearest": "Which own action (columns) comes nearest to which true one (rows)",
    "action_directions_least_squares": "Cosines between true actions, maps by least squares",
    "action_directions_released": "Cosines between true actions, maps fitted as released",
    "mutual_information": "Mutual information of code dimensions (rows) with factors, nats",
}
BOUNDED = ("association", "action_confusion")


def draw_charts(stage: StageFolder) -> list[Path]:
    """Draws the charts of a stage into its figures folder, and returns their paths. What has no data is left out."""
    drawn = []
    terms = read_terms(stage)
    if len(terms):
        drawn.append(stage.figure(LOSSES))
        learning_curves({stage.stage: terms}, drawn[-1])
    for name, matrix in stage.read_matrices().items() if stage.matrices.exists() else ():
        drawn.append(stage.figure(f"{name}.png"))
        heat_map(matrix, TITLES.get(name, name.replace("_", " ")), drawn[-1], 1.0 if name.startswith(BOUNDED) else None)
    return drawn


def read_terms(stage: StageFolder) -> pd.DataFrame:
    """The terms of the objective by step; empty where nothing was trained."""
    if not stage.terms.exists():
        return pd.DataFrame({"step": []})
    try:
        terms = pd.read_csv(stage.terms)
        return terms.astype({"step": float})
    except (KeyError, ValueError) as error:
        raise UserError(f"cannot read {stage.terms}: {error}; delete it to go on without loss curves") from error

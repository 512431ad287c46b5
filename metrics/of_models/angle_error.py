"""The angles of a model's OWN actions, against those by which the actions of the data turn their factors.

angle_error is the mean over actions of | |own angle| - |true angle| | in radians, own angles taken modulo a turn, from 0 (right) to pi.
Own actions are matched to those of the data one to one by their confusion on pairs (see action_confusion); a model that knows its
actions needs no matching. A sign is not compared: a circle has no sense until somebody draws its plane.

What it cannot tell: whether the code turns with the maps (prediction_error), nor whether the matching was more than luck (action_accuracy).
"""

from __future__ import annotations

import math

import numpy as np

from datasets.actions import ActionSpace
from datasets.batches import BatchSource
from metrics.of_models.action_matching import cannot_choose, choices, own_actions
from metrics.scores import Refusal, Row, Scores, Setting, rows_by_factor, rows_with_mean
from models.groups.acting import Acting
from models.model import Model


def angle_error(
    model: Model, source: BatchSource, rng: np.random.Generator, *, pairs: BatchSource | None = None, rows: int = 2000
) -> Scores:
    """angle_error (mean, then by action; `statistic` "max" the worst), own_angle and |true_angle| by action.

    On `rows` of `pairs` (None: of the source of training).
    """
    source = pairs or source
    refusal = cannot_choose("angle_error", model, source)
    if refusal is not None:
        return Scores(refusals=[refusal])
    assert isinstance(model, Acting)
    space = source.spec.actions
    own, true = matched_angles(model, own_actions(model, choices(model, source, rng, rows), len(space)), space)
    refusals = [
        Refusal("angle_error", name, "its factor has no circle" if np.isnan(angle) else "no action of the model is left for it")
        for name, angle, error in zip(space.names, true, own - true, strict=True)
        if np.isnan(error)
    ]
    known = np.isfinite(own - true)
    if not known.any():
        return Scores(refusals=refusals)
    names = [name for name, is_known in zip(space.names, known, strict=True) if is_known]
    errors = np.abs(own - true)[known]
    setting: Setting = {"rows": rows}
    result = rows_with_mean("angle_error", setting, names, errors)
    result.append(Row("angle_error", {**setting, "statistic": "max"}, None, float(errors.max())))
    result += rows_by_factor("own_angle", setting, names, own[known])
    return Scores([*result, *rows_by_factor("true_angle", setting, names, true[known])], refusals=refusals)


def matched_angles(model: Acting, own: np.ndarray, space: ActionSpace) -> tuple[np.ndarray, np.ndarray]:
    """|angle| of the own action that stands for each action of the data (`own` [A], -1: none), and |true angle|, [A] each; NaN: none."""
    angles = wrapped(model.action_angles().double().cpu().numpy())
    true = np.array([np.nan if angle is None else abs(angle) for angle in space.angles])
    return np.where(own >= 0, angles[own], np.nan), true


def wrapped(angles: np.ndarray) -> np.ndarray:
    """|angle| modulo a turn, the short way round: 0 to pi."""
    return np.abs((angles + math.pi) % (2 * math.pi) - math.pi)

"""The angles of a model's OWN actions, against those by which the actions of the data turn their factors.

angle_error is the mean over actions of | |own angle| - |true angle| | in radians, own angles taken modulo a turn, from 0 (right) to pi.
Own actions are matched to those of the data one to one by their confusion on pairs (see action_confusion); a model that knows its
actions needs no matching. A sign is not compared: a circle has no sense until somebody draws its plane.

What it cannot tell: whether the code turns with the maps (prediction_error), nor whether the matching was more than luck (action_accuracy).
"""

from __future__ import annotations

import math

import numpy as np

from datasets.batches import BatchSource
from metrics.action_matching import cannot_choose, choices, own_actions
from metrics.scores import Refusal, Row, Scores, Setting, rows_by_factor, rows_with_mean
from models.groups.acting import Acting
from models.model import Model


def angle_error(
    model: Model, source: BatchSource, rng: np.random.Generator, *, pairs: BatchSource | None = None, rows: int = 2000
) -> Scores:
    """angle_error (mean, then by action; `statistic` "max" the worst) and own_angle by action, on `rows` of `pairs` (None: of training)."""
    source = pairs or source
    refusal = cannot_choose("angle_error", model, source)
    if refusal is not None:
        return Scores(refusals=[refusal])
    assert isinstance(model, Acting)
    space = source.spec.actions
    own = own_actions(model, choices(model, source, rng, rows), len(space))
    angles = wrapped(model.action_angles().double().cpu().numpy())
    names, errors, found, refusals = [], [], [], []
    for action, (name, true) in enumerate(zip(space.names, space.angles, strict=True)):
        if true is None or own[action] < 0:
            reason = "its factor has no circle" if true is None else "no action of the model is left for it"
            refusals.append(Refusal("angle_error", name, reason))
            continue
        names.append(name)
        found.append(angles[own[action]])
        errors.append(abs(angles[own[action]] - abs(true)))
    if not names:
        return Scores(refusals=refusals)
    setting: Setting = {"rows": rows}
    result = rows_with_mean("angle_error", setting, names, np.array(errors))
    result.append(Row("angle_error", {**setting, "statistic": "max"}, None, max(errors)))
    return Scores([*result, *rows_by_factor("own_angle", setting, names, found)], refusals=refusals)


def wrapped(angles: np.ndarray) -> np.ndarray:
    """|angle| modulo a turn, the short way round: 0 to pi."""
    return np.abs((angles + math.pi) % (2 * math.pi) - math.pi)

"""True independence: do actions on different factors move the code in orthogonal directions? From 0 to 1.

Painter, Hare, Prugel-Bennett (2020, arXiv 2008.07922), released code. A linear map W_a of the code is fitted to each true action after
the fact; u_a(z) = (z - W_a z) / |z - W_a z|. For two factors, m(z) is the largest u_a . u_b over the actions a of the one and b of the
other (signed); independence = 1 - mean |m| over ordered pairs of factors and over codes z. The fit is "least_squares" (closed form), or
"released" (see `action_fits`).

Differs from the released code: all actions at every code, there those of a batch; any number of actions, there one for each dimension.

What it cannot tell: whether the MODEL knows its actions. A VAE that lays a torus out as two circles gets 0.96 without any notion of
actions; judge the model's own parts by action_confusion, angle_error and prediction_error.
"""

from __future__ import annotations

import numpy as np

from datasets.actions import ActionSpace
from datasets.batches import BatchSource
from metrics.of_models.action_fits import FITS, fitted_maps
from metrics.of_models.action_pairs import ActionPairs, action_matrix, encoded_pairs, too_few, unfit
from metrics.scores import Refusal, Row, Scores
from models.model import Model

SMALLEST = 1e-12


def independence(
    model: Model,
    source: BatchSource,
    rng: np.random.Generator,
    *,
    pairs: BatchSource | None = None,
    rows: int = 10_000,
    fits: tuple[str, ...] = FITS,
    centred: bool = False,
) -> Scores:
    """Row `independence` for each fit, of so many `rows` of `pairs` (None: of the source of training).

    `centred`: least squares about the mean code, not about the origin. Matrices
    `action_directions_FIT`: mean u_a . u_b.
    """
    source = pairs or source
    refusal = unfit("independence", model, source)
    if refusal is None and len(source.spec.actions.axes) < 2:
        refusal = Refusal("independence", None, "all actions move one factor, and nothing is there to be independent of")
    if refusal is not None:
        return Scores(refusals=[refusal])
    found = encoded_pairs(model, source, rng, rows)
    refusal = too_few("independence", found)
    if refusal is not None:
        return Scores(refusals=[refusal])
    result, matrices = [], {}
    for fit in fits:
        alike = directions(found, *fitted_maps(found, fit, rng, centred))
        result.append(Row("independence", {"fit": fit, "rows": rows, "centred": centred}, None, independence_of(alike, found.space)))
        matrices[f"action_directions_{fit}"] = action_matrix(alike.mean(0), found.space)
    return Scores(result, matrices)


def directions(pairs: ActionPairs, maps: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """u_a . u_b at every code, [P, A, A]."""
    codes = pairs.before - centre
    moves = codes[:, None] - np.einsum("aij,pj->pai", maps, codes)
    moves /= np.maximum(np.linalg.norm(moves, axis=2, keepdims=True), SMALLEST)
    return np.einsum("pai,pbi->pab", moves, moves)


def independence_of(alike: np.ndarray, space: ActionSpace) -> float:
    """1 - mean |largest cosine between actions of two factors|, over codes and pairs of factors; [P, A, A] -> a number."""
    own = [np.array([factor == axis for factor in space.factors]) for axis in space.axes]
    largest = [alike[:, first][:, :, second].max(axis=(1, 2)) for i, first in enumerate(own) for j, second in enumerate(own) if i != j]
    return float(1 - np.abs(largest).mean())

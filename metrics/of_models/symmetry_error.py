"""By how much maps that are fitted to the true actions turn the code, against the angles by which the actions turn their factors.

The angle of a map is the argument of its turning pair of eigenvalues, whatever the basis; symmetry_error is the mean over actions of
| angle - |true angle| |, in radians from 0 to pi, and less is better. `released_symmetry_error` is the figure of the released code of
Painter et al. (2020, arXiv 2008.07922), for comparison alone: of its own fit it takes acos N00, asin N01, acos N11 and asin N10, and their
mean, in which the sines of a rotation cancel, so that a perfect model is wrong by half of every angle; and the entries depend on the basis.
`statistic` "best" takes for each action the nearest of the four.

Differs from the released code: true angles are those of the actions (2 pi step / size), there 0.9 for FlatLand and those of an offset of
4 for dSprites.

What it cannot tell: whether the MODEL has learned any of this; see angle_error.
"""

from __future__ import annotations

import numpy as np
import torch

from datasets.batches import BatchSource
from metrics.of_models.action_fits import FITS, fitted_maps, released_maps
from metrics.of_models.action_pairs import encoded_pairs, too_few, unfit
from metrics.scores import Refusal, Row, Scores, Setting, rows_by_factor, rows_with_mean
from models.groups.eigenvalue_angles import turning_angles
from models.model import Model


def symmetry_error(
    model: Model,
    source: BatchSource,
    rng: np.random.Generator,
    *,
    pairs: BatchSource | None = None,
    rows: int = 10_000,
    fits: tuple[str, ...] = FITS,
    centred: bool = False,
) -> Scores:
    """symmetry_error (mean, then by action) and fitted_angle (by action) for each fit; the released figures where that is one of them.

    `pairs`, `rows`, `centred`: as in independence. An action without an angle is refused by name.
    """
    source = pairs or source
    refusal = unfit("symmetry_error", model, source)
    if refusal is not None:
        return Scores(refusals=[refusal])
    space = source.spec.actions
    turning = [a for a, angle in enumerate(space.angles) if angle is not None]
    refusals = [Refusal("symmetry_error", space.names[a], "its factor has no circle") for a in range(len(space)) if a not in turning]
    if not turning:
        return Scores(refusals=refusals)
    found = encoded_pairs(model, source, rng, rows)
    refusal = too_few("symmetry_error", found)
    if refusal is not None:
        return Scores(refusals=[*refusals, refusal])
    names = [space.names[a] for a in turning]
    true = np.abs(np.array([angle for angle in space.angles if angle is not None]))
    result: list[Row] = []
    for fit in fits:
        setting: Setting = {"fit": fit, "rows": rows, "centred": centred}
        angles = turning_angles(torch.from_numpy(fitted_maps(found, fit, rng, centred)[0])).numpy()[turning]
        result += rows_with_mean("symmetry_error", setting, names, np.abs(angles - true))
        result += rows_by_factor("fitted_angle", setting, names, angles)
    if "released" in fits:
        four = four_angles(released_maps(found, rng)[1])[turning]
        away = {"mean": np.abs(four.mean(1) - true), "best": np.abs(four - true[:, None]).min(1)}
        for statistic, values in away.items():
            result += rows_with_mean("released_symmetry_error", {"statistic": statistic, "rows": rows}, names, values)
    return Scores(result, refusals=refusals)


def four_angles(blocks: np.ndarray) -> np.ndarray:
    """acos N00, asin N01, acos N11, asin N10 of blocks [A, 2, 2], entries clipped to -1..1, [A, 4]."""
    clipped = np.clip(blocks, -1, 1)
    entries = (np.arccos(clipped[:, 0, 0]), np.arcsin(clipped[:, 0, 1]), np.arccos(clipped[:, 1, 1]), np.arcsin(clipped[:, 1, 0]))
    return np.stack(entries, axis=1)

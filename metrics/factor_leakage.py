"""Factor leakage: how much the dimensions beside the best one know of a factor. From 0 (none), less is better.

Source: the evaluation of Painter, Hare, Pruegel-Bennett (2020), Linear disentangled representations and unsupervised action
estimation, NeurIPS 2020. Plug-in information in nats of codes in 20 bins of equal width, sorted for each factor so that rank 0
is the dimension that knows it best, and four statistics (setting `statistic`) of this table [D, F], each the mean over factors:
    mean             the mean over ranks 1 and on, in nats
    normalised_mean  the same, every factor divided by the information of its rank 0
    area             the mean over r = 0 .. D - 1 of the mean over ranks r and on, normalised
    area_from_second the same over r = 1 .. D - 1
Differs from the released code: all factors count; there the first is dropped (the shape of dSprites), on any data set. With one
dimension nothing can leak: 0, and `area` 1.

What it cannot tell: whether a factor is encoded at all; a code that knows nothing leaks nothing (`mean`) or, after
normalisation, chance looks like leakage. More dimensions, dead ones included, make every mean smaller.
"""

from __future__ import annotations

import numpy as np

from metrics.factor_information import count_setting, factor_information
from metrics.representation import Representation
from metrics.scores import Refusal, Row, Scores, rows_with_mean


def factor_leakage(representation: Representation, rng: np.random.Generator, *, bins: int = 20, factor_bins: int = 0) -> Scores:
    """The four statistics per factor and (factor None) their means; matrix `ranked_information` [D, F] in nats, rows by rank.

    `factor_bins`: bins of continuous factors (0: they are refused). A factor of which no dimension knows anything is refused.
    """
    found = factor_information("factor_leakage", representation, bins, factor_bins)
    known = found.information.max(axis=0, initial=0) > 0
    refusals = list(found.refusals)
    for name, is_known in zip(found.space.names, known, strict=True):
        if not is_known:
            refusals.append(Refusal("factor_leakage", name, "no dimension knows anything of it, so there is nothing to leak"))
    if not known.any():
        return Scores(refusals=refusals)
    names = tuple(name for name, is_known in zip(found.space.names, known, strict=True) if is_known)
    ranked = np.sort(found.information, axis=0)[::-1]
    setting = count_setting(representation, bins, factor_bins)
    rows: list[Row] = []
    for statistic, values in _statistics(ranked[:, known]).items():
        rows += rows_with_mean("factor_leakage", {"statistic": statistic, **setting}, names, values)
    return Scores(rows, {"ranked_information": found.matrix(ranked)}, refusals)


def _statistics(ranked: np.ndarray) -> dict[str, np.ndarray]:
    """[D, F], falling in each column -> statistic -> [F]."""
    normalised = ranked / ranked[0]
    following = np.cumsum(normalised[::-1], axis=0)[::-1] / np.arange(len(ranked), 0, -1)[:, None]
    nothing = np.zeros(ranked.shape[1])
    return {
        "mean": ranked[1:].mean(axis=0) if len(ranked) > 1 else nothing,
        "normalised_mean": normalised[1:].mean(axis=0) if len(ranked) > 1 else nothing,
        "area": following.mean(axis=0),
        "area_from_second": following[1:].mean(axis=0) if len(ranked) > 1 else nothing,
    }

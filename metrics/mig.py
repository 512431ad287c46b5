"""Mutual information gap: by how much the best dimension knows a factor better than the second best. Range 0 to 1, see the ceiling.

Source: Chen, Li, Grosse, Duvenaud (2018), Isolating sources of disentanglement, arXiv 1802.04942, section 4.1, in the
estimator of disentanglement_lib (Locatello et al. 2019): codes in 20 bins of equal width, plug-in mutual information in
nats,
    MIG_i = (I(z_best; v_i) - I(z_second; v_i)) / H(v_i), and MIG the mean over the factors.

Differs from disentanglement_lib: all samples are used, not 10,000 of them; a constant factor is refused by name and left
out, where the library gets NaN. With one dimension the second best knows nothing, as if a dead dimension stood beside it.

What it cannot tell: whether a dimension holds several factors (a code of one dimension for two factors may score well); a
factor split over dimensions scores 0 though each may hold nothing else; a factor of more values than bins has a ceiling
below 1. Bins follow the extremes of a dimension, so that outliers blur it.
"""

from __future__ import annotations

import numpy as np

from metrics.discretisation import equal_width_bins
from metrics.mutual_information import discrete_factors, entropy, mutual_information
from metrics.representation import Representation
from metrics.scores import Matrix, Row, Scores, Setting, rows_by_factor, rows_with_mean


def mig(representation: Representation, rng: np.random.Generator, *, bins: int = 20) -> Scores:
    """MIG per factor and (factor None) their mean, with `bins` bins per dimension; nothing is drawn from `rng`.

    Rows mig_dimension (the best one per factor), mig_factors_scored (how many are in the mean) and mig_samples; matrix
    `mutual_information` [D, F] in nats.
    """
    factors, space, refusals = discrete_factors("mig", representation)
    if not space.names:
        return Scores(refusals=refusals)
    setting: Setting = {"bins": bins, "mode": representation.mode, "sample": representation.sample}
    entropies = np.array([entropy(np.bincount(column)) for column in factors.T])
    information = mutual_information(equal_width_bins(representation.codes, bins), factors)
    rows = rows_with_mean("mig", setting, space.names, gap(information) / entropies)
    rows += rows_by_factor("mig_dimension", setting, space.names, information.round(9).argmax(axis=0))
    rows += [Row("mig_factors_scored", setting, None, len(space)), Row("mig_samples", setting, None, len(factors))]
    labels = tuple(str(k) for k in range(len(information)))
    return Scores(rows, {"mutual_information": Matrix(information, labels, space.names)}, refusals)


def gap(information: np.ndarray) -> np.ndarray:
    """Largest minus second largest entry of each column: [D, F] -> [F]; with one row, the entry itself."""
    ranked: np.ndarray = np.sort(np.vstack([np.zeros_like(information[:1]), information]), axis=0)
    difference: np.ndarray = ranked[-1] - ranked[-2]
    return difference

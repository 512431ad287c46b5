"""SAP, continuous: by how much the best dimension predicts a factor linearly better than the second best. Range 0 to 1.

Source: Kumar, Sattigeri, Balakrishnan (2018), Variational inference of disentangled latent concepts from unlabeled
observations, arXiv 1711.00848, section 3, for regression, as in disentanglement_lib (Locatello et al. 2019):
    s_ij = cov(z_j, v_i)^2 / (var z_j var v_i)   (0 where var z_j <= 1e-12),    SAP = mean over i of best minus second best s_ij.
All samples; Carbonneau et al. (2020) have the same under the name of a regression. With one dimension the second best is 0.

The values of a factor are taken as numbers, whatever its kind, as disentanglement_lib does: for a categorical factor the score
hangs on the order of its classes, a circular one is cut open at its first value, so a perfect angle scores well below 1. What
else it cannot tell: a dimension that follows a factor by a curve scores less, by a symmetric one 0; a dimension that merges
factors is not seen; redundant dimensions give 0.
"""

from __future__ import annotations

import numpy as np

from metrics.mig import gap
from metrics.mutual_information import varying_factors
from metrics.representation import Representation
from metrics.scores import Matrix, Scores, Setting, rows_with_mean

LEAST_VARIANCE = 1e-12  # of a dimension that can predict anything


def sap_continuous(representation: Representation, rng: np.random.Generator) -> Scores:
    """SAP per factor and (factor None) their mean; matrix `squared_correlation` [D, F]."""
    factors, space, refusals = varying_factors("sap_continuous", representation)
    if not len(space):
        return Scores(refusals=refusals)
    codes, code_scale = _centred(representation.codes)
    numbers, _ = _centred(factors.astype(np.float64))
    with np.errstate(over="ignore"):
        alive = np.einsum("nd,nd->d", codes, codes) * code_scale**2 > LEAST_VARIANCE * (len(codes) - 1)
    variances = np.einsum("nd,nd->d", codes, codes)[:, None] * np.einsum("nf,nf->f", numbers, numbers)
    covariances = codes.T @ numbers
    squared = np.divide(covariances**2, variances, out=np.zeros_like(variances), where=alive[:, None] & (variances > 0))
    setting: Setting = {"mode": representation.mode, "sample": representation.sample}
    matrix = Matrix(squared, tuple(str(k) for k in range(len(squared))), space.names)
    return Scores(rows_with_mean("sap_continuous", setting, space.names, gap(squared)), {"squared_correlation": matrix}, refusals)


def _centred(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns less their mean, divided by the largest entry so that no square overflows, and by what they were divided."""
    largest = np.abs(values).max(axis=0)
    scale = np.where(largest > 0, largest, 1.0)
    scaled = values / scale
    return scaled - scaled.mean(axis=0), scale

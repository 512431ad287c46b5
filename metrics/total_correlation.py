"""Total correlation of a Gaussian with the covariance of the code: how far its dimensions are from uncorrelated. From 0, in nats.

Source: the unsupervised scores of disentanglement_lib (Locatello et al. 2019, arXiv 1811.12359, section 5.3): with C the
covariance matrix over all samples,
    TC = (sum_d log C_dd - log det C) / 2,    the same from the correlation matrix, of which it is -log det / 2.
It needs no factors. Sign and scale of dimensions do not matter.

Constant dimensions are left out: they depend on nothing. Where dimensions are linear functions of each other TC is infinite, and
refused by name of the dimensions. What it cannot tell: anything about factors (white noise scores 0, the best), nor any
dependence beyond correlation. Independent dimensions get about D (D - 1) / (4 N).
"""

from __future__ import annotations

import numpy as np

from metrics.representation import Representation
from metrics.scores import Matrix, Refusal, Row, Scores, Setting


def total_correlation(representation: Representation, rng: np.random.Generator) -> Scores:
    """TC in nats; matrix `correlation` [D, D], 0 in rows and columns of constant dimensions."""
    correlation, varying = correlation_matrix(representation.codes)
    labels = tuple(str(k) for k in range(len(correlation)))
    matrices = {"correlation": Matrix(correlation, labels, labels)}
    if not varying.any():
        return Scores((), matrices, [Refusal("total_correlation", None, "every dimension of the code is constant")])
    within = correlation[np.ix_(varying, varying)]
    spectrum, directions = np.linalg.eigh(within)
    if spectrum[0] <= 1e-13 * len(within):
        involved = np.flatnonzero(varying)[np.abs(directions[:, 0]) > 0.01]
        reason = f"infinite: dimensions {', '.join(map(str, involved))} are linear functions of each other"
        return Scores((), matrices, [Refusal("total_correlation", None, reason)])
    setting: Setting = {"mode": representation.mode, "sample": representation.sample}
    value = max(-float(np.linalg.slogdet(within)[1]) / 2, 0.0)
    return Scores([Row("total_correlation", setting, None, value)], matrices)


def correlation_matrix(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlations [D, D] and which dimensions vary [D]; 0 where one of the two does not."""
    largest = np.abs(codes).max(axis=0)
    scaled = codes / np.where(largest > 0, largest, 1.0)
    varying = np.ptp(scaled, axis=0) > 0
    centred = scaled - scaled.mean(axis=0)
    spread = np.abs(centred).max(axis=0)
    centred /= np.where(spread > 0, spread, 1.0)
    centred[:, ~varying] = 0.0
    products = centred.T @ centred
    deviations = np.sqrt(np.diag(products))
    found = np.divide(products, np.outer(deviations, deviations), out=np.zeros_like(products), where=np.outer(varying, varying))
    return found, varying

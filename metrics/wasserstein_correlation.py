"""Wasserstein correlation of a Gaussian with the covariance of the code: its distance from uncorrelated. From 0.

Source: the unsupervised scores of disentanglement_lib (Locatello et al. 2019, arXiv 1811.12359, section 5.3; the optimal
transport of Xiao and Wang 2019): the squared 2-Wasserstein distance between Gaussians of covariance C and of diag(C), over all
samples,
    W = 2 tr C - 2 tr (diag(C)^1/2 C diag(C)^1/2)^1/2,
and `wasserstein_correlation_norm` = W / tr C. Eigenvalues of the symmetric matrix, where the library takes a matrix square root
of a product that is not symmetric and drops its imaginary part.

It needs no factors. Unlike total correlation it is finite where dimensions are linear functions of each other, and it depends on
their scale: W by its square, both by how scales compare, so that a large dimension counts most. What it cannot tell: anything
about factors (white noise scores 0, the best), nor any dependence beyond correlation.
"""

from __future__ import annotations

import numpy as np

from metrics.representation import Representation
from metrics.scores import Matrix, Refusal, Row, Scores, Setting


def wasserstein_correlation(representation: Representation, rng: np.random.Generator) -> Scores:
    """Rows wasserstein_correlation (in squared units of the code) and wasserstein_correlation_norm; matrix `covariance` [D, D]."""
    largest = float(np.abs(representation.codes).max())
    codes = representation.codes / (largest or 1.0)
    codes = codes - codes.mean(axis=0)
    covariance = codes.T @ codes / (len(codes) - 1)
    variances = np.diag(covariance)
    with np.errstate(over="ignore"):
        unit = float(np.float64(largest) ** 2)
    fits = unit * float(np.abs(covariance).max()) * len(covariance) < 1e300
    labels = tuple(str(k) for k in range(len(covariance)))
    matrices = {"covariance": Matrix(covariance * unit, labels, labels)} if fits else {}
    names = ("wasserstein_correlation", "wasserstein_correlation_norm")
    if not variances.sum() > 0:
        return Scores((), matrices, [Refusal(name, None, "every dimension of the code is constant") for name in names])
    deviations = np.sqrt(variances)
    spectrum = np.linalg.eigvalsh(deviations[:, None] * covariance * deviations)
    distance = max(2 * float(variances.sum() - np.sqrt(np.maximum(spectrum, 0)).sum()), 0.0)
    setting: Setting = {"mode": representation.mode, "sample": representation.sample}
    rows = [Row(names[1], setting, None, distance / float(variances.sum()))]
    if not fits:
        return Scores(rows, {}, [Refusal(names[0], None, "the squares of so large codes overflow; divide them by a constant")])
    return Scores([Row(names[0], setting, None, distance * unit), *rows], matrices)

"""Mean mutual information between pairs of dimensions: how far the code is from independent, pair by pair. From 0, in nats.

Source: the unsupervised scores of disentanglement_lib (Locatello et al. 2019, arXiv 1811.12359, section 5.3): plug-in mutual
information of every two dimensions, each in 20 bins of equal width, and the mean over the D (D - 1) ordered pairs. It needs no
factors.

What it cannot tell: anything about factors (independent noise scores 0, the best), nor dependence among three and more
dimensions. Factors that are correlated in the data make a perfect code dependent. Independent dimensions get about
(bins - 1)^2 / (2 N) nats, and dead ones 0, which lowers the mean.
"""

from __future__ import annotations

import numpy as np

from metrics.discretisation import equal_width_bins
from metrics.mutual_information import entropy, joint_counts
from metrics.representation import Representation
from metrics.scores import Matrix, Refusal, Row, Scores, Setting


def code_mutual_information(representation: Representation, rng: np.random.Generator, *, bins: int = 20) -> Scores:
    """The mean over pairs; matrix `code_information` [D, D] in nats, with entropies of the bins on its diagonal."""
    codes = equal_width_bins(representation.codes, bins)
    dimensions = codes.shape[1]
    entropies = np.array([entropy(np.bincount(column)) for column in codes.T])
    information = np.diag(entropies)
    for j in range(dimensions):
        for k in range(j):
            joint = entropy(joint_counts(codes[:, j], codes[:, k]).ravel())
            information[j, k] = information[k, j] = max(float(entropies[j] + entropies[k] - joint), 0.0)
    labels = tuple(str(k) for k in range(dimensions))
    matrices = {"code_information": Matrix(information, labels, labels)}
    if dimensions == 1:
        return Scores((), matrices, [Refusal("code_mutual_information", None, "one dimension: there is no pair of them")])
    setting: Setting = {"bins": bins, "mode": representation.mode, "sample": representation.sample}
    mean = (information.sum() - np.trace(information)) / (dimensions * (dimensions - 1))
    return Scores([Row("code_mutual_information", setting, None, float(mean))], matrices)

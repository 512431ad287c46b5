"""Modularity: whether each dimension tells of one factor only. Range 0 to 1.

Source: Ridgeway and Mozer (2018), Learning deep disentangled embeddings with the F-statistic loss, arXiv 1802.05312, in the
estimator of disentanglement_lib (Locatello et al. 2019): plug-in information of codes in 20 bins of equal width;
    modularity_j = 1 - sum over i other than the best of I(z_j; v_i)^2 / (max_i I(z_j; v_i)^2 (F - 1)),
and the mean over ALL dimensions, a dimension without any information counting 0. The base of the logarithm cancels. Others use
10 bins (Carbonneau et al. 2020), or divide 0 by 0 at a dead dimension, and get NaN.

What it cannot tell: how much a dimension knows. A nearly dead dimension with a trace of information about one factor is as
modular as the best, one with chance information about all of them counts as little as an entangled one, and exactly dead ones
pull the mean down; redundant and missing factors are not seen. The null of few samples is far above 0.
"""

from __future__ import annotations

import numpy as np

from metrics.factor_information import count_setting, factor_information
from metrics.representation import Representation
from metrics.scores import Refusal, Row, Scores


def modularity(representation: Representation, rng: np.random.Generator, *, bins: int = 20, factor_bins: int = 0) -> Scores:
    """Modularity, the mean over dimensions; matrix `mutual_information` [D, F] in nats. Refused where only one factor varies.

    `factor_bins`: bins of continuous factors (0: they are refused).
    """
    found = factor_information("modularity", representation, bins, factor_bins)
    if not len(found.space):
        return Scores(refusals=found.refusals)
    matrices = {"mutual_information": found.matrix(found.information)}
    if len(found.space) == 1:
        alone = Refusal("modularity", None, f"only {found.space.names[0]} can be counted: there is no second factor to be told apart")
        return Scores((), matrices, [*found.refusals, alone])
    best = found.information.max(axis=1, keepdims=True)
    shares = np.divide(found.information, best, out=np.zeros_like(found.information), where=best > 0)
    scores = np.where(best[:, 0] > 0, 1 - ((shares**2).sum(axis=1) - 1) / (len(found.space) - 1), 0.0)
    row = Row("modularity", count_setting(representation, bins, factor_bins), None, float(scores.mean()))
    return Scores([row], matrices, found.refusals)

"""DCIMIG: the information that dimensions hold about one factor alone, as a share of all there is to know. Range 0 to 1.

Source: Sepliarskaia, Kiseleva, de Rijke (2019), Evaluating disentangled representations, arXiv 1910.05587 (there 3CharM):
each dimension is given to the factor it knows best, with the gap r_j = I(z_j; v_best) - I(z_j; v_second); then
    DCIMIG = sum over factors of the largest r_j given to it / sum over factors of H(v_i).
It joins disentanglement, completeness and informativeness in one number. Plug-in information of codes in bins of equal width.

The row of a factor is its own share, largest gap over H(v_i); the score weighs these by the entropies of the factors, so it is
not their mean. Used with 10 or 20 bins by Carbonneau et al. (2020, arXiv 2012.09276); the base of the logarithm cancels.

What it cannot tell: a dimension that holds two factors equally counts for neither, and which of the two gets the gap may hang
on chance; a factor spread over several dimensions is only as well known as by the best of them.
"""

from __future__ import annotations

import numpy as np

from metrics.factor_information import count_setting, factor_information
from metrics.mig import gap
from metrics.representation import Representation
from metrics.scores import Row, Scores, rows_by_factor


def dcimig(representation: Representation, rng: np.random.Generator, *, bins: int = 20, factor_bins: int = 0) -> Scores:
    """DCIMIG (factor None) and each factor's own share; matrix `information_gap` [D, F] in nats, 0 but at a dimension's best factor.

    `factor_bins`: bins of continuous factors (0: they are refused).
    """
    found = factor_information("dcimig", representation, bins, factor_bins)
    if not len(found.space):
        return Scores(refusals=found.refusals)
    own = np.zeros_like(found.information)
    dimensions = np.arange(len(own))
    own[dimensions, found.information.argmax(axis=1)] = gap(found.information.T)
    best = own.max(axis=0)
    setting = count_setting(representation, bins, factor_bins)
    rows = [Row("dcimig", setting, None, float(best.sum() / found.of_factors.sum()))]
    rows += rows_by_factor("dcimig", setting, found.space.names, best / found.of_factors)
    return Scores(rows, {"information_gap": found.matrix(own)}, found.refusals)

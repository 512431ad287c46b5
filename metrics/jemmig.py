"""JEMMIG: MIG that also asks the best dimension to hold nothing else. Range 0 to 1 where normalised, more is better.

Source: Do and Tran (2020), Theory and evaluation metrics for learning disentangled representations, arXiv 1908.09961: for the
dimension c that knows factor v best and the second best d,
    JEMMIG(v) = H(v, z_c) - I(v; z_c) + I(v; z_d)   (joint entropy minus mutual information gap; 0 is best),
and normalised 1 - JEMMIG(v) / (H(v) + log bins); the score is the mean over factors. Plug-in estimates in nats, codes in bins of
equal width. `normalised` False gives the raw quantity in nats, of which less is better.

Used with 10 or 20 bins by Carbonneau et al. (2020, arXiv 2012.09276), normalised; the base of the logarithm cancels there. Where
two dimensions know a factor equally well, the one that holds less else counts as the best; there, the last digit of the
logarithms decides, which moves the score of a redundant code by up to 0.001.

What it cannot tell: the joint entropy counts noise in the best dimension as if it were another factor, so a code that spreads
over more bins than its factor has values scores less though it is as good. Values of different bins cannot be compared.
"""

from __future__ import annotations

import numpy as np

from metrics.factor_information import count_setting, factor_information
from metrics.mig import gap
from metrics.representation import Representation
from metrics.scores import Scores, rows_with_mean

TIE = 1e-9  # nats: dimensions this close know a factor equally well


def jemmig(
    representation: Representation, rng: np.random.Generator, *, bins: int = 20, factor_bins: int = 0, normalised: bool = True
) -> Scores:
    """JEMMIG per factor and (factor None) their mean; matrix `joint_entropy` [D, F] in nats.

    `factor_bins`: bins of continuous factors (0: they are refused).
    """
    found = factor_information("jemmig", representation, bins, factor_bins)
    if not len(found.space):
        return Scores(refusals=found.refusals)
    tied = found.information >= found.information.max(axis=0) - TIE
    best = np.where(tied, found.joint, np.inf).argmin(axis=0)
    raw = found.joint[best, np.arange(len(best))] - gap(found.information)
    values = 1 - raw / (found.of_factors + np.log(bins)) if normalised else raw
    setting = {"normalised": normalised, **count_setting(representation, bins, factor_bins)}
    rows = rows_with_mean("jemmig", setting, found.space.names, values)
    return Scores(rows, {"joint_entropy": found.matrix(found.joint)}, found.refusals)

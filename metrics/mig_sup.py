"""MIG-sup: by how much a dimension knows its best factor better than the next. Range 0 to 1, see the ceiling.

Source: Li, Murkute, Gyawali, Wang (2020), Progressive learning and disentanglement of hierarchical representations,
arXiv 2002.10549:
    MIG-sup = mean over dimensions j of  max_i n_ij - second_i n_ij,    n_ij = I(z_j; v_i) / H(v_i),
the counterpart of MIG, which takes the gap between dimensions. Here with plug-in information of codes in bins of equal width.

Who uses which: the authors divide by the entropy of the factor, integrate over the posterior and average over dimensions of a
variance above 0.01 (`active_deviation` 0.1). The comparison of Carbonneau et al. (2020, arXiv 2012.09276) has 10 or 20 bins,
all dimensions, and divides by the entropy of the binned CODE (`normaliser` "code"), so that its values depend on the bins as much
as on the code; it is here for comparison. By default every dimension that varies at all counts, whatever its scale.

What it cannot tell: whether all factors are encoded (one dimension for one factor, the others dead, scores well), nor whether
several dimensions share a factor; MIG sees both. A nearly dead dimension counts as much as any, and pulls the mean to 0.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from metrics.factor_information import count_setting, factor_information
from metrics.mig import gap
from metrics.representation import Representation
from metrics.scores import Refusal, Row, Scores
from metrics.standardisation import deviations


def mig_sup(
    representation: Representation,
    rng: np.random.Generator,
    *,
    bins: int = 20,
    factor_bins: int = 0,
    normaliser: Literal["factor", "code"] = "factor",
    active_deviation: float = 0.0,
) -> Scores:
    """MIG-sup over the dimensions of a standard deviation above `active_deviation`; matrix `normalised_information` [D, F].

    `factor_bins`: bins of continuous factors (0: they are refused).
    """
    found = factor_information("mig_sup", representation, bins, factor_bins)
    if not len(found.space):
        return Scores(refusals=found.refusals)
    entropies = found.of_factors if normaliser == "factor" else found.of_codes[:, None]
    normalised = np.divide(found.information, entropies, out=np.zeros_like(found.information), where=entropies > 0)
    active = deviations(representation.codes) > active_deviation
    matrices = {"normalised_information": found.matrix(normalised)}
    if not active.any():
        reason = f"no dimension has a standard deviation above {active_deviation:g}"
        return Scores((), matrices, [*found.refusals, Refusal("mig_sup", None, reason)])
    setting = {"normaliser": normaliser, "active_deviation": active_deviation, **count_setting(representation, bins, factor_bins)}
    return Scores([Row("mig_sup", setting, None, float(gap(normalised[active].T).mean()))], matrices, found.refusals)

"""Z-max-variance: does the dimension that varies most tell which factor alone varies? Range 0 (chance) to 1.

Source: Kim, Wang, Sahu, Pavlovic (2019), Relevance factor VAE, arXiv 1902.01568, as reviewed and released by Carbonneau, Zaidi,
Boilard, Gagnon (2020), Measuring disentanglement, arXiv 2012.09276. All factors are cut into `bins` intervals of equal width. A factor
is drawn, and a combination of intervals of all others, uniformly among those that two samples have; of `batch` rows of this
combination the active dimension of largest relative variance casts one vote. Votes are counted and rescaled as in `z_min_var`.

Estimator: batches are dealt, and dead dimensions judged, as in `z_min_var`. Continuous factors can be scored, since all are binned.

Differs from the released code: a constant factor is refused by name and left out, where it takes part.

What it cannot tell: as `z_min_var`; and the bins are wide, since few samples agree in all other factors: the others still vary within
them, which keeps the ceiling below 1 for factors of many values. Intervals mean nothing for a categorical factor.
"""

from __future__ import annotations

import numpy as np

from foundation.errors import UserError
from metrics.dealt_votes import dealt_rates
from metrics.fixed_factor_batches import at_least_two
from metrics.representation import Representation
from metrics.scores import Refusal, Scores
from metrics.value_groups import ValueGroups, value_groups


def z_max_var(
    representation: Representation,
    rng: np.random.Generator,
    *,
    bins: int = 3,
    batch: int = 200,
    training_points: int = 800,
    test_points: int = 800,
) -> Scores:
    """The rescaled share of test votes (factor None) and that of each factor's votes. Raises UserError for fewer than 2 bins."""
    if bins < 2:
        raise UserError(f"{bins} bins leave nothing fixed; choose 2 or more")
    varying = np.ptp(representation.factors, axis=0) > 0
    names = representation.factor_space.names
    refusals = [
        Refusal("z_max_var", name, "constant: it takes one value in all samples")
        for name, varies in zip(names, varying, strict=True)
        if not varies
    ]
    space = representation.factor_space.select([name for name, varies in zip(names, varying, strict=True) if varies])
    factors, space, refusals = at_least_two("z_max_var", representation.factors[:, varying], space, refusals)
    setting = {"bins": bins, "batch": batch, "training_points": training_points, "test_points": test_points}
    groups = _combinations(factors, bins) if space.names else []
    return dealt_rates("z_max_var", representation, space.names, groups, refusals, np.argmax, setting, rng)


def _combinations(factors: np.ndarray, bins: int) -> list[ValueGroups]:
    """For each factor the rows that lie in the same intervals of all others."""
    low, width = factors.min(axis=0), np.ptp(factors, axis=0)
    scaled = (factors - low) / width
    binned = np.searchsorted(np.linspace(0, 1, bins + 1)[:-1], scaled, side="right") - 1
    groups = []
    for factor in range(factors.shape[1]):
        keys = np.zeros(len(factors), dtype=np.int64)
        for other in range(factors.shape[1]):
            if other != factor:
                # Ranked each time: a key never exceeds rows times bins, however many factors there are.
                keys = np.unique(keys * bins + binned[:, other], return_inverse=True)[1]
        groups.append(value_groups(keys))
    return groups

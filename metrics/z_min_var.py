"""Z-min-variance: FactorVAE's vote in the form of a comparative review: larger batches, all rows, rescaled. Range 0 (chance) to 1.

Source: Kim and Mnih (2018), arXiv 1802.05983, as reviewed and released by Carbonneau, Zaidi, Boilard, Gagnon (2020), Measuring
disentanglement, arXiv 2012.09276. A factor is drawn, and a value uniformly among those that two samples have; of `batch` rows of
this value the active dimension of least relative variance casts one vote. Each dimension stands for the factor that most of its 800
training votes name; the share a of 800 test votes that it gets right is rescaled to (a - 1 / F) / (1 - 1 / F), by factor as well.

Estimator: the batches of one value are dealt one after the other from its rows in random order, shuffled anew when they run out, so
that a batch repeats no row as long as there are enough. Variances over all samples, and dead dimensions (standard deviation below
0.05), are judged on 10,000 different rows. Training and test votes come from the same rows.

Differs from the released code: continuous factors are refused, where it cuts them into 10 bins.

What it cannot tell: as `factor_vae`. With 800 test votes it carries a standard error of up to 0.02 from its own draws. A score near 0 may
come out negative, by chance.
"""

from __future__ import annotations

import numpy as np

from metrics.dealt_votes import dealt_rates
from metrics.fixed_factor_batches import told_apart
from metrics.representation import Representation
from metrics.scores import Scores
from metrics.value_groups import value_groups


def z_min_var(
    representation: Representation, rng: np.random.Generator, *, batch: int = 200, training_points: int = 800, test_points: int = 800
) -> Scores:
    """The rescaled share of test votes (factor None) and that of each factor's votes. Raises UserError for a batch of one."""
    factors, space, refusals = told_apart("z_min_var", representation)
    groups = [value_groups(column) for column in factors.T]
    setting = {"batch": batch, "training_points": training_points, "test_points": test_points}
    return dealt_rates("z_min_var", representation, space.names, groups, refusals, np.argmin, setting, rng)

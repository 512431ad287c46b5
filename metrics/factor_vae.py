"""FactorVAE score: does the dimension that varies least in a batch tell which factor the batch agrees in? Range 0 to 1.

Source: Kim and Mnih (2018), Disentangling by factorising, arXiv 1802.05983, section 4, in the protocol of disentanglement_lib
(Locatello et al. 2019) carried over to saved codes by Dapueto et al. (2024). A factor is drawn, then `batch` rows that agree in it,
with replacement; the active dimension of least variance, relative to its variance over all samples, casts one vote. Each dimension
stands for the factor that most of its 10,000 training votes name, and the score is the share of 5,000 test votes that it gets right.

Estimator: the value that a batch agrees in is that of a random row. Training votes come from the first two thirds of the rows, test
votes from the last third. Variances over all samples, and dead dimensions (standard deviation below 0.05, no votes), are judged on
10,000 rows drawn with replacement. Chance is about 1 / F.

Differs from disentanglement_lib: batches can only come from the rows at hand, while it renders new ones; its code prunes at 0 and
its configuration at 0.05. `z_min_var` is the variant of Carbonneau et al. (larger batches, all rows, rescaled).

What it cannot tell: whether a factor has one dimension or several; how much of a factor is encoded (a dimension that tells the ends
apart may do); and a dimension of many factors counts as that of one of them.
"""

from __future__ import annotations

import numpy as np

from metrics.fixed_factor_batches import (
    VARIANCE_ROWS,
    active_scales,
    all_dead,
    chunks,
    draw_setting,
    positive,
    rate_rows,
    split_rows,
    told_apart,
    vote_rates,
    votes,
)
from metrics.representation import Representation
from metrics.scores import Scores
from metrics.value_groups import value_groups


def factor_vae(
    representation: Representation,
    rng: np.random.Generator,
    *,
    batch: int = 64,
    training_points: int = 10_000,
    test_points: int = 5_000,
) -> Scores:
    """Test accuracy (factor None) and the share of each factor's votes that is right. Raises UserError for a batch of one."""
    positive(batch=batch - 1, training_points=training_points, test_points=test_points)
    factors, space, refusals = told_apart("factor_vae", representation)
    training, test, short = split_rows("factor_vae", len(factors))
    if not space.names or short:
        return Scores(refusals=[*refusals, *short])
    active, variances = active_scales(representation.codes, rng.integers(0, len(factors), VARIANCE_ROWS))
    if not len(active):
        return all_dead("factor_vae", representation.codes.shape[1], refusals)
    codes = representation.codes[:, active] / np.sqrt(variances)
    learnt = _votes(codes[training], factors[training], batch, training_points, rng)
    overall, by_factor = vote_rates(learnt, _votes(codes[test], factors[test], batch, test_points, rng))
    setting = draw_setting(representation, batch, training_points, test_points)
    return Scores(rate_rows("factor_vae", setting, space.names, overall, by_factor, len(factors)), refusals=refusals)


def _votes(codes: np.ndarray, factors: np.ndarray, batch: int, points: int, rng: np.random.Generator) -> np.ndarray:
    """How often each dimension varied least while each factor was fixed, [D, F]."""
    targets = np.sort(rng.integers(0, factors.shape[1], points))
    voters = np.empty(points, dtype=np.int64)
    for factor in np.unique(targets):
        groups = value_groups(factors[:, factor])
        here = np.flatnonzero(targets == factor)
        for part in chunks(len(here), batch):
            fixed = groups.group_of[rng.integers(0, len(codes), len(here[part]))]
            rows = groups.draw(np.repeat(fixed[:, None], batch, axis=1), rng)
            voters[here[part]] = codes[rows].var(axis=1).argmin(axis=1)
    return votes(voters, targets, (codes.shape[1], factors.shape[1]))

"""Z-diff: BetaVAE's question in the form of a comparative review: larger batches, all rows, rescaled. Range 0 (chance) to 1.

Source: Higgins et al. (2017), beta-VAE, ICLR, as reviewed and released by Carbonneau, Zaidi, Boilard, Gagnon (2020), Measuring
disentanglement, arXiv 2012.09276. A factor is drawn, then `batch` pairs of different samples that agree in it, at a value drawn
uniformly among those that two samples have; the mean of |z1 - z2| is one point, and a multinomial logistic regression (C = 1) is
fitted on 10,000 points and tested on 5,000. The accuracy a is rescaled to (a - 1 / F) / (1 - 1 / F), by factor as well.

Estimator: training and test points are drawn from the same rows. All draws are seeded.

Differs from the released code: pairs are drawn independently, where it deals them from shuffled rows: the same law for each pair.
Continuous factors are refused, where it cuts them into 10 bins.

What it cannot tell: as `beta_vae`; and it cannot tell a code that has learnt its rows by heart, since it tests on the same rows. A
score near 0 may come out negative, by chance. The classifier's penalty weighs dimensions by their scale: a code twice as large may score
a few points more.
"""

from __future__ import annotations

import numpy as np

from metrics.fixed_factor_batches import chunks, class_rates, draw_setting, linear_classes, positive, rate_rows, rescaled, told_apart
from metrics.representation import Representation
from metrics.scores import Refusal, Scores
from metrics.value_groups import ValueGroups, value_groups


def z_diff(
    representation: Representation,
    rng: np.random.Generator,
    *,
    batch: int = 200,
    training_points: int = 10_000,
    test_points: int = 5_000,
) -> Scores:
    """The rescaled test accuracy (factor None) and that of each factor's points. Raises UserError for settings below 1."""
    positive(batch=batch, training_points=training_points, test_points=test_points)
    factors, space, refusals = told_apart("z_diff", representation)
    groups = [value_groups(column) for column in factors.T]
    lonely = [name for name, group in zip(space.names, groups, strict=True) if group.sizes.max() < 2]
    refusals += [Refusal("z_diff", name, "no two samples share a value of it") for name in lonely]
    if not groups or lonely:
        return Scores(refusals=refusals)
    features, targets = _points(representation.codes, groups, batch, training_points, rng)
    others, expected = _points(representation.codes, groups, batch, test_points, rng)
    overall, by_factor = class_rates(linear_classes(features, targets, others), expected, len(groups))
    setting = draw_setting(representation, batch, training_points, test_points)
    scores = rescaled(overall, len(groups)), rescaled(by_factor, len(groups))
    return Scores(rate_rows("z_diff", setting, space.names, *scores, len(factors)), refusals=refusals)


def _points(
    codes: np.ndarray, groups: list[ValueGroups], batch: int, points: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mean differences [points, D] and the factor that each batch agrees in [points]."""
    targets = np.sort(rng.integers(0, len(groups), points))
    features = np.empty((points, codes.shape[1]))
    for factor in np.unique(targets):
        usable = np.flatnonzero(groups[factor].sizes > 1)
        here = np.flatnonzero(targets == factor)
        for part in chunks(len(here), batch):
            values = usable[rng.integers(0, len(usable), (len(here[part]), batch))]
            first, second = groups[factor].draw_distinct(values, rng)
            difference = codes[first]
            difference -= codes[second]
            features[here[part]] = np.abs(difference, out=difference).mean(axis=1)
    return features, targets

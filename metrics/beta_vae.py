"""BetaVAE score: can a linear classifier tell which factor a batch of pairs agrees in? Range 0 to 1, chance 1 / F.

Source: Higgins et al. (2017), beta-VAE, ICLR, section 3, in the protocol of disentanglement_lib (Locatello et al. 2019) carried
over to saved codes by Dapueto et al. (2024): a factor is drawn, then `batch` pairs of samples that agree in it; the mean over the
pairs of |z1 - z2| is one point, and a multinomial logistic regression (C = 1) is fitted on 10,000 points and tested on 5,000.

Estimator: the first of each pair is a random row, the second a random row of the same value, itself not excluded. Training points
come from the first two thirds of the rows, test points from the last third. All draws are seeded.

Differs from disentanglement_lib: pairs can only come from the rows at hand, while it renders new ones. `z_diff` is the variant of
Carbonneau et al. (larger batches, all rows, rescaled).

What it cannot tell: whether a factor has one dimension or several, or whether dimensions are mixed linearly: a rotated code may score
well, and most trained models are near 1.
"""

from __future__ import annotations

import numpy as np

from metrics.fixed_factor_batches import chunks, class_rates, draw_setting, linear_classes, positive, rate_rows, split_rows, told_apart
from metrics.representation import Representation
from metrics.scores import Scores
from metrics.value_groups import value_groups


def beta_vae(
    representation: Representation,
    rng: np.random.Generator,
    *,
    batch: int = 64,
    training_points: int = 10_000,
    test_points: int = 5_000,
) -> Scores:
    """Test accuracy (factor None) and the share of each factor's points that is found. Raises UserError for settings below 1."""
    positive(batch=batch, training_points=training_points, test_points=test_points)
    factors, space, refusals = told_apart("beta_vae", representation)
    training, test, short = split_rows("beta_vae", len(factors))
    if not space.names or short:
        return Scores(refusals=[*refusals, *short])
    features, targets = _points(representation.codes[training], factors[training], batch, training_points, rng)
    others, expected = _points(representation.codes[test], factors[test], batch, test_points, rng)
    overall, by_factor = class_rates(linear_classes(features, targets, others), expected, len(space))
    setting = draw_setting(representation, batch, training_points, test_points)
    return Scores(rate_rows("beta_vae", setting, space.names, overall, by_factor, len(factors)), refusals=refusals)


def _points(codes: np.ndarray, factors: np.ndarray, batch: int, points: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mean differences [points, D] and the factor that each batch agrees in [points]."""
    targets = np.sort(rng.integers(0, factors.shape[1], points))
    features = np.empty((points, codes.shape[1]))
    for factor in np.unique(targets):
        groups = value_groups(factors[:, factor])
        here = np.flatnonzero(targets == factor)
        for part in chunks(len(here), batch):
            first = rng.integers(0, len(codes), (len(here[part]), batch))
            second = groups.draw(groups.group_of[first], rng)
            difference = codes[first]
            difference -= codes[second]
            features[here[part]] = np.abs(difference, out=difference).mean(axis=1)
    return features, targets

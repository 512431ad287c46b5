"""Scores that ask a classifier which factor was held fixed in a batch: what BetaVAE, FactorVAE and their three descendants share.

Each point is a batch of rows that agree in one factor, drawn at random; the score is the accuracy on test points of a classifier
that is fitted on training points. Chance is 1 / F.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from datasets.factor_space import FactorSpace
from foundation.errors import UserError
from metrics.logistic_regression import multinomial, probabilities
from metrics.mutual_information import discrete_factors
from metrics.representation import Representation
from metrics.scores import Refusal, Row, Scores, Setting, rows_by_factor

DEAD = 0.05  # standard deviation below which a dimension takes no part in a vote
VARIANCE_ROWS = 10_000
CHUNK = 2**17  # rows gathered at a time, which keeps the working memory at some ten megabytes

Rate = TypeVar("Rate", float, np.ndarray)


def told_apart(metric: str, representation: Representation) -> tuple[np.ndarray, FactorSpace, list[Refusal]]:
    """The factors that can be held fixed, as integers [N, F]; none where there are fewer than two, since one needs no classifier."""
    factors, space, refusals = discrete_factors(metric, representation)
    return at_least_two(metric, factors, space, refusals)


def at_least_two(
    metric: str, factors: np.ndarray, space: FactorSpace, refusals: list[Refusal]
) -> tuple[np.ndarray, FactorSpace, list[Refusal]]:
    """These factors, or none of them and one more refusal where there is only one."""
    if len(space) == 1:
        refusals = [*refusals, Refusal(metric, None, f"{space.names[0]} is the only factor: there is nothing to tell apart")]
    return (factors, space, refusals) if len(space) > 1 else (factors[:, :0], space.select([]), refusals)


def split_rows(metric: str, samples: int) -> tuple[np.ndarray, np.ndarray, list[Refusal]]:
    """The first two thirds of the rows (rounded up) to train on, the last third to test on, as the transfer study splits."""
    training = -(-2 * samples // 3)
    refusals = [Refusal(metric, None, f"{samples} samples leave none to test on")] if training == samples else []
    return np.arange(training), np.arange(training, samples), refusals


def positive(**settings: int) -> None:
    """Raises UserError for a number of points or a batch that is not positive."""
    for name, value in settings.items():
        if value < 1:
            raise UserError(f"{name} must be 1 or more, not {value}")


def draw_setting(representation: Representation, batch: int, training_points: int, test_points: int) -> Setting:
    """The setting of a score that rests on so many drawn points of so many samples each."""
    return {
        "batch": batch,
        "training_points": training_points,
        "test_points": test_points,
        "mode": representation.mode,
        "sample": representation.sample,
    }


def chunks(points: int, rows_each: int) -> Iterator[slice]:
    """Slices of so many points, each of at most CHUNK rows altogether."""
    step = max(1, CHUNK // rows_each)
    return (slice(start, min(start + step, points)) for start in range(0, points, step))


def active_scales(codes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The dimensions whose standard deviation over these rows reaches DEAD, and the variance of each of them."""
    variances = codes[rows].var(axis=0, ddof=1)
    active = np.flatnonzero(np.sqrt(variances) >= DEAD)
    return active, variances[active]


def votes(dimensions: np.ndarray, factors: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """How often each dimension stood out for each factor: two [points] -> [D, F]."""
    return np.bincount(dimensions * shape[1] + factors, minlength=shape[0] * shape[1]).reshape(shape)


def vote_rates(training: np.ndarray, test: np.ndarray) -> tuple[float, np.ndarray]:
    """Share of test votes that the majority of the training votes of their dimension gets right: overall, and for each factor [F].

    NaN for a factor that was never drawn.
    """
    right = np.zeros_like(test)
    voters = np.arange(len(test))
    right[voters, training.argmax(axis=1)] = test[voters, training.argmax(axis=1)]
    return float(right.sum() / test.sum()), _shares(right.sum(axis=0), test.sum(axis=0))


def linear_classes(features: np.ndarray, targets: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The class of each of `others` [M, D] by a multinomial logistic regression (C = 1) on `features` [N, D] with `targets` [N]: [M]."""
    present, ranks = np.unique(targets, return_inverse=True)
    if len(present) == 1:
        return np.full(len(others), present[0])
    found: np.ndarray = present[probabilities(others, multinomial(features, ranks, 1.0)).argmax(axis=1)]
    return found


def class_rates(found: np.ndarray, targets: np.ndarray, factors: int) -> tuple[float, np.ndarray]:
    """Share of test points whose class was found: overall, and for each factor [F] (NaN where never drawn)."""
    right = found == targets
    return float(right.mean()), _shares(np.bincount(targets[right], minlength=factors), np.bincount(targets, minlength=factors))


def rescaled(rate: Rate, factors: int) -> Rate:
    """A share of right guesses among so many factors, so that chance is 0 and certainty 1."""
    return (rate - 1 / factors) / (1 - 1 / factors)


def rate_rows(metric: str, setting: Setting, names: tuple[str, ...], overall: float, by_factor: np.ndarray, samples: int) -> list[Row]:
    """The score, that of each factor, how many factors took part, and how many samples there are."""
    known = np.flatnonzero(np.isfinite(by_factor))
    return [
        Row(metric, setting, None, overall),
        *rows_by_factor(metric, setting, [names[i] for i in known], by_factor[known]),
        Row(f"{metric}_factors_scored", setting, None, len(names)),
        Row(f"{metric}_samples", setting, None, samples),
    ]


def all_dead(metric: str, dimensions: int, refusals: list[Refusal]) -> Scores:
    """No score, because no dimension varies enough to vote."""
    return Scores(
        refusals=[*refusals, Refusal(metric, None, f"all {dimensions} dimensions are dead: no standard deviation reaches {DEAD}")]
    )


def _shares(right: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return np.divide(right, drawn, out=np.full(len(right), np.nan), where=drawn > 0)

"""What each dimension tells of each factor, by counts: one pass over the samples for every score that rests on it.

Codes in bins of equal width (`discretisation`), factors by their values; plug-in estimates in nats (`mutual_information`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datasets.factor_space import FactorSpace
from metrics.discretisation import equal_width_bins
from metrics.mutual_information import discrete_factors
from metrics.representation import Representation
from metrics.scores import Matrix, Refusal, Setting


@dataclass(frozen=True)
class FactorInformation:
    """Mutual information `information` [D, F], entropies `of_factors` [F], `of_codes` [D] and `joint` [D, F], all in nats.

    `space` holds the factors that could be counted (none: F = 0), `refusals` tell of the others.
    """

    information: np.ndarray
    of_factors: np.ndarray
    of_codes: np.ndarray
    joint: np.ndarray
    space: FactorSpace
    refusals: Sequence[Refusal]

    def matrix(self, values: np.ndarray) -> Matrix:
        """A heat map of `values` [D, F]: dimensions by number, factors by name."""
        return Matrix(values, tuple(str(k) for k in range(len(values))), self.space.names)


def factor_information(metric: str, representation: Representation, bins: int, factor_bins: int) -> FactorInformation:
    """Counts the bins of every dimension against the values of every factor. Raises UserError for fewer than 2 bins."""
    factors, space, refusals = discrete_factors(metric, representation, factor_bins)
    codes = equal_width_bins(representation.codes, bins)
    samples, dimensions = codes.shape
    sizes = factors.max(axis=0) + 1 if len(space) else np.zeros(0, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    columns = [np.ascontiguousarray(column) for column in factors.T]
    counts = np.empty((dimensions, bins, starts[-1]), dtype=np.int64)
    for k in range(dimensions):
        for column, size, start in zip(columns, sizes, starts[:-1], strict=True):
            pairs = np.bincount(codes[:, k] * size + column, minlength=bins * size)
            counts[k, :, start : start + size] = pairs.reshape(bins, size)
    if not len(space):
        nothing = np.zeros((dimensions, 0))
        return FactorInformation(nothing, np.zeros(0), np.zeros(dimensions), nothing, space, refusals)
    terms = _times_log(counts).sum(axis=1)  # [D, values of all factors]
    joint = np.log(samples) - np.add.reduceat(terms, starts[:-1], axis=1) / samples
    of_factors = np.log(samples) - np.add.reduceat(_times_log(counts[0].sum(axis=0)), starts[:-1]) / samples
    of_codes = np.log(samples) - _times_log(counts[:, :, : sizes[0]].sum(axis=2)).sum(axis=1) / samples
    information = np.maximum(of_codes[:, None] + of_factors - joint, 0.0)
    information[of_codes <= 1e-12] = 0.0
    return FactorInformation(information, of_factors, np.maximum(of_codes, 0.0), joint, space, refusals)


def count_setting(representation: Representation, bins: int, factor_bins: int) -> Setting:
    """What distinguishes a score by counts: the bins of codes and (where they are used) of continuous factors."""
    setting: dict[str, str | int | float | bool] = {"bins": bins}
    if factor_bins:
        setting["factor_bins"] = factor_bins
    return {**setting, "mode": representation.mode, "sample": representation.sample}


def _times_log(counts: np.ndarray) -> np.ndarray:
    """n log n, with 0 for 0."""
    numbers = counts.astype(np.float64)
    found: np.ndarray = numbers * np.log(np.maximum(numbers, 1.0))
    return found

"""How much each code dimension changes with each factor: S = 1 - |correlation| of a dimension over pairs that differ in the factor.

S[k, i] near 1: dimension k of one partner says nothing of the other's, it changes with factor i. Near 0: it stays as it is.
Source: Dapueto et al. (2024), arXiv 2409.18017, section 4.1. The published procedure draws pairs at random; `exact_moments`
gives what it would find after infinitely many draws. Its pairs of a group of m samples are all ordered pairs (a, b), a != b,
with total weight w = m * floor(m / 2), so that with the group's sum s and sum of squares q of a dimension
    sum of x (and of y) = w * s / m,   sum of x^2 (and y^2) = w * q / m,   sum of x * y = w * (s^2 - q) / (m * (m - 1)).

Differs from the released code: a dimension that is constant over all pairs of a factor has S = 0 (it does not change), not
NaN. Of more than 100,000 pairs the release shuffles all and keeps 100,000; `sampled_moments` draws that many, independently,
from the same groups with the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from metrics.factor_pairs import PairGroups

LARGEST_SAMPLE = 100_000
CONSTANT = 1e-12  # variance over the pairs, for codes of variance 1, below which a dimension counts as constant


@dataclass(frozen=True)
class PairMoments:
    """Sums over pairs (x, y): `count` [..., 1], the others [..., D]. The leading axis, if any, is blocks of groups."""

    count: np.ndarray
    x: np.ndarray
    y: np.ndarray
    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    def total(self) -> PairMoments:
        """The sums over all blocks."""
        return PairMoments(*(sums.sum(axis=0) for sums in self._sums()))

    def without_each(self) -> PairMoments:
        """The sums over all blocks but one, for each block left out."""
        return PairMoments(*(sums.sum(axis=0) - sums for sums in self._sums()))

    def association(self) -> np.ndarray:
        """S of these pairs, [..., D], between 0 and 1."""
        mean_x, mean_y = self.x / self.count, self.y / self.count
        variance = np.sqrt(np.maximum(self.xx / self.count - mean_x**2, 0) * np.maximum(self.yy / self.count - mean_y**2, 0))
        covariance = self.xy / self.count - mean_x * mean_y
        changes = variance > CONSTANT
        correlation = np.divide(covariance, variance, out=np.ones_like(covariance), where=changes)
        association: np.ndarray = 1 - np.minimum(np.abs(correlation), 1)
        return association

    def _sums(self) -> tuple[np.ndarray, ...]:
        return self.count, self.x, self.y, self.xx, self.yy, self.xy


def exact_moments(codes: np.ndarray, groups: PairGroups, blocks: int, repeats: float = 0.0) -> PairMoments:
    """Moments over all pairs of the groups, in `blocks` runs of neighbouring groups; codes [N, D] standardised.

    `repeats` is the weight of pairs of a sample with itself: 0 for partners drawn without replacement, as published.
    """
    members = codes[groups.rows]
    sums = np.add.reduceat(members, groups.starts, axis=0)
    squares = np.add.reduceat(np.square(members, out=members), groups.starts, axis=0)
    size, weight = groups.sizes[:, None], groups.pairs[:, None].astype(np.float64)
    xx = squares * (weight / size)
    xy = (sums**2 - squares) * ((1 - repeats) * weight / (size * (size - 1))) + repeats * xx
    bounds = _bounds(groups, blocks)
    count, x, xx, xy = (_block_sums(values, bounds) for values in (weight, sums * (weight / size), xx, xy))
    return PairMoments(count, x, x, xx, xx, xy)


def sampled_moments(codes: np.ndarray, groups: PairGroups, blocks: int, rng: np.random.Generator) -> PairMoments:
    """Moments over randomly drawn pairs, at most 100,000, as published; codes [N, D] standardised."""
    first, second, group = draw_pairs(groups, rng)
    x, y = codes[first], codes[second]
    bounds = np.searchsorted(group, _bounds(groups, blocks))
    sums = (_block_sums(values, bounds) for values in (np.ones((len(x), 1)), x, y, x * x, y * y, x * y))
    return PairMoments(*sums)


def draw_pairs(groups: PairGroups, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of samples and the group of each, three arrays [P] in the order of the groups."""
    if groups.pairs.sum() > LARGEST_SAMPLE:
        group = np.sort(rng.choice(len(groups), LARGEST_SAMPLE, p=groups.pairs / groups.pairs.sum()))
        start, size = groups.starts[group], groups.sizes[group]
        left = rng.integers(0, size)
        right = (left + rng.integers(1, size)) % size
        return groups.rows[start + left], groups.rows[start + right], group
    drawn = [_shuffled_visits(groups, size, rng) for size in np.unique(groups.sizes)]
    first, second, group = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    order = np.argsort(group, kind="stable")
    return first[order], second[order], group[order]


def _shuffled_visits(groups: PairGroups, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every group of this size, visited once for each of its members: shuffled, even places paired with odd ones."""
    visits = np.repeat(np.flatnonzero(groups.sizes == size), size)
    places = rng.permuted(np.tile(np.arange(size), (len(visits), 1)), axis=1)
    members = groups.rows[groups.starts[visits, None] + places[:, : size // 2 * 2]]
    return members[:, 0::2].ravel(), members[:, 1::2].ravel(), np.repeat(visits, size // 2)


def _bounds(groups: PairGroups, blocks: int) -> np.ndarray:
    """Ends of `blocks` runs of groups with about equally many pairs, [blocks + 1]; a run is empty where one group outweighs it."""
    before = np.cumsum(groups.pairs) - groups.pairs
    return np.append(np.searchsorted(before, np.arange(blocks) * groups.pairs.sum() / blocks), len(groups))


def _block_sums(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    return np.stack([values[start:end].sum(axis=0) for start, end in pairwise(bounds)])

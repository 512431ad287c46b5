"""Rows that agree in a value: draws from them by table, for the scores that rest on batches in which one factor is fixed.

A factor's rows, sorted by its values, lie in runs; a row that shares a value is then one random place in a run, with no search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ValueGroups:
    """Rows [n] in the order of their groups; group g is `rows[starts[g] : starts[g] + sizes[g]]`, and row r lies in `group_of[r]`."""

    rows: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    group_of: np.ndarray

    def draw(self, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A random row of each of these groups, any shape, with replacement."""
        places = (rng.random(groups.shape) * self.sizes[groups]).astype(np.int64)
        drawn: np.ndarray = self.rows[self.starts[groups] + places]
        return drawn

    def draw_distinct(self, groups: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Two different rows of each of these groups, which must hold two."""
        sizes, starts = self.sizes[groups], self.starts[groups]
        first = (rng.random(groups.shape) * sizes).astype(np.int64)
        second = (first + 1 + (rng.random(groups.shape) * (sizes - 1)).astype(np.int64)) % sizes
        return self.rows[starts + first], self.rows[starts + second]

    def shuffles(self, group: int, length: int, rng: np.random.Generator) -> np.ndarray:
        """`length` rows of one group: its rows in random order, then in another, until there are enough."""
        members = self.rows[self.starts[group] : self.starts[group] + self.sizes[group]]
        rounds = -(-length // len(members))
        return rng.permuted(np.tile(members, (rounds, 1)), axis=1).ravel()[:length]


def value_groups(values: np.ndarray) -> ValueGroups:
    """The groups of rows with equal values, [n], in rising order of the values."""
    found, group_of, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return ValueGroups(np.argsort(group_of, kind="stable"), np.cumsum(sizes) - sizes, sizes, group_of)

"""Samples that differ in one factor alone: the pairs on which OMES rests (Dapueto et al. 2024, arXiv 2409.18017).

For a factor, the samples that agree in all other factors form a group. Of samples that agree in every factor the first in
file order stands for all; the others never take part. Groups are found by sorting one integer key per sample: n log n, no
dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metrics.representation import Representation
from metrics.scores import Refusal

WIDEST_RANGE = 2**20  # integers that span more are ranked first, so that a key stays within 63 bits


@dataclass(frozen=True)
class PairGroups:
    """For one factor: groups of at least two samples that agree in every other factor and have different values of this one.

    `rows` [M] are numbers of samples, the members of a group side by side and groups in the order in which they begin in the
    file; group g is `rows[starts[g] : starts[g] + sizes[g]]`.
    """

    rows: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def pairs(self) -> np.ndarray:
        """How many pairs the published procedure draws from each group, [G]: it visits a group of m samples m times."""
        pairs: np.ndarray = self.sizes * (self.sizes // 2)
        return pairs


@dataclass(frozen=True)
class PairedFactors:
    """The factors that can be scored: their names, how many values they take in the samples, and their groups of samples."""

    names: list[str]
    values: list[int]
    groups: list[PairGroups]


def paired_factors(metric: str, representation: Representation) -> tuple[PairedFactors, list[Refusal]]:
    """The factors in which some samples differ alone, and why the others have none."""
    found, refusals = PairedFactors([], [], []), []
    space, groups_of_all = representation.factor_space, pair_groups(representation.factors)
    for name, kind, column, groups in zip(space.names, space.kinds, representation.factors.T, groups_of_all, strict=True):
        values = len(np.unique(column))
        if kind == "continuous":
            refusals.append(Refusal(metric, name, "continuous: pairs need values that occur again; declare it ordinal if they do"))
        elif values == 1:
            refusals.append(Refusal(metric, name, "constant: it takes one value in all samples"))
        elif not len(groups):
            refusals.append(Refusal(metric, name, "no two samples differ in it alone; draw more, or sample by intervention"))
        else:
            found.names.append(name)
            found.values.append(values)
            found.groups.append(groups)
    return found, refusals


def pair_groups(factors: np.ndarray) -> list[PairGroups]:
    """The groups of each factor: [N, F] -> F of them, empty for a factor in which no two samples differ alone."""
    columns = [_classes(column) for column in factors.T]
    distinct = first_of_each(_keys(columns, len(factors)))
    columns = [(column[distinct], size) for column, size in columns]
    return [_groups(_keys(columns[:i] + columns[i + 1 :], len(distinct)), distinct) for i in range(len(columns))]


def first_of_each(keys: np.ndarray) -> np.ndarray:
    """Positions, ascending, at which a value of `keys` stands for the first time."""
    return np.sort(np.unique(keys, return_index=True)[1])


def _groups(keys: np.ndarray, rows: np.ndarray) -> PairGroups:
    order = np.argsort(keys, kind="stable")  # stable: a group's first member is its first in the file
    starts = np.flatnonzero(np.diff(keys[order], prepend=keys[order[0]] - 1))
    sizes = np.diff(starts, append=len(order))
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    by_file = np.argsort(order[starts])
    starts, sizes = starts[by_file], sizes[by_file]
    packed = np.cumsum(sizes) - sizes
    members = np.repeat(starts - packed, sizes) + np.arange(sizes.sum())
    return PairGroups(rows[order[members]], packed, sizes)


def _classes(column: np.ndarray) -> tuple[np.ndarray, int]:
    """A factor as non-negative integers, equal where its values are equal, with one more than the largest."""
    if np.issubdtype(column.dtype, np.integer) and int(column.max()) - int(column.min()) < WIDEST_RANGE:
        classes = column.astype(np.int64) - int(column.min())
        return classes, int(classes.max()) + 1
    values, ranks = np.unique(column, return_inverse=True)
    return ranks, len(values)


def _keys(columns: list[tuple[np.ndarray, int]], samples: int) -> np.ndarray:
    """One int64 per sample, equal exactly where these columns are equal (mixed radix)."""
    keys, span = np.zeros(samples, dtype=np.int64), 1
    for classes, size in columns:
        if span * size >= 2**62:
            values, keys = np.unique(keys, return_inverse=True)
            span = len(values)
        keys = keys * size + classes
        span *= size
    return keys

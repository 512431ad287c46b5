"""The factors of every observation of a data set, as a table that need not be written out.

A grid (every combination of values, the last factor fastest) is arithmetic on indices; a listed table holds its rows, and
combinations may be missing from it. Both are read like an array: `table[indices]` gives the factors of these observations.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from datasets.factor_space import FactorSpace
from foundation.errors import UserError


class FactorTable(Protocol):
    """N rows of F factors."""

    space: FactorSpace

    def __len__(self) -> int: ...

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        """Factors of these rows: [...] -> [..., F], int64 (float64 where a factor is continuous)."""

    def index_of(self, factors: np.ndarray) -> np.ndarray:
        """Rows with these factors: [..., F] -> [...], -1 where there is none."""

    def redraw(self, indices: np.ndarray, columns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """For each row another one, [B] -> [B], that differs from it in one factor (its column in `columns`, [B]) at most.

        The value is uniform over those which occur beside the row's other factors, its own included.
        """


class GridTable:
    """Every combination of the values of `space`, the last factor varying fastest."""

    def __init__(self, space: FactorSpace) -> None:
        if "continuous" in space.kinds:
            raise UserError("a grid has no continuous factor; list the rows instead")
        self.space = space
        self._sizes = np.array(space.sizes, dtype=np.int64)
        self._strides = np.array([math.prod(space.sizes[i + 1 :]) for i in range(len(space))], dtype=np.int64)

    def __len__(self) -> int:
        return math.prod(self.space.sizes)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        return np.asarray(indices)[..., None] // self._strides % self._sizes

    def index_of(self, factors: np.ndarray) -> np.ndarray:
        factors = np.asarray(factors, dtype=np.int64)
        inside = np.all((factors >= 0) & (factors < self._sizes), axis=-1)
        return np.where(inside, factors @ self._strides, -1)

    def redraw(self, indices: np.ndarray, columns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        strides, sizes = self._strides[columns], self._sizes[columns]
        present = indices // strides % sizes
        return indices + (rng.integers(0, sizes) - present) * strides


class ListedTable:
    """Rows as they are: any selection of combinations, continuous factors, repeated rows."""

    def __init__(self, rows: np.ndarray, space: FactorSpace) -> None:
        rows = np.asarray(rows)
        if rows.ndim != 2 or rows.shape[1] != len(space) or not len(rows):
            raise UserError(f"a factor table must be [rows, {len(space)}] with at least one row, not {list(rows.shape)}")
        self.space = space
        self._rows = rows.astype(np.float64 if "continuous" in space.kinds else np.int64)
        for name, size, column in zip(space.names, space.sizes, self._rows.T, strict=True):
            if size and (column.min() < 0 or column.max() >= size):
                raise UserError(f"factor {name} has {size} values, but the table holds {column.min():g} to {column.max():g}")
        self._values: dict[int, np.ndarray] = {}
        self._groups: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = {}
        self._lookup: tuple[np.ndarray, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        return self._rows[indices]

    def index_of(self, factors: np.ndarray) -> np.ndarray:
        """As in FactorTable. A continuous factor is met by exactly its value."""
        if self._lookup is None:
            keys = self._keys(self._rows)[0]
            order = np.argsort(keys, kind="stable")
            self._lookup = keys[order], order
        keys, order = self._lookup
        wanted, inside = self._keys(np.asarray(factors))
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(inside & (keys[place] == wanted), order[place], -1)

    def redraw(self, indices: np.ndarray, columns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        partners = np.array(indices, dtype=np.int64)
        uniform = rng.random(len(partners))
        for column in np.unique(columns):
            chosen = columns == column
            group_of_row, starts, sizes, members = self._partners(int(column))
            group = group_of_row[partners[chosen]]
            partners[chosen] = members[starts[group] + (uniform[chosen] * sizes[group]).astype(np.int64)]
        return partners

    def _partners(self, column: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Rows that agree in every factor but `column`, one per distinct value: (group of row, starts, sizes, members)."""
        if column not in self._groups:
            key = self._keys(self._rows, without=column)[0]
            _, group_of_row = np.unique(key, return_inverse=True)
            values = self._rows[:, column]
            order = np.lexsort((values, group_of_row))
            first = np.ones(len(order), dtype=bool)
            first[1:] = (np.diff(group_of_row[order]) != 0) | (np.diff(values[order]) != 0)
            members = order[first]
            sizes = np.bincount(group_of_row[members])
            self._groups[column] = group_of_row, np.cumsum(sizes) - sizes, sizes, members
        return self._groups[column]

    def _keys(self, rows: np.ndarray, without: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """One int64 per row, equal for equal rows (mixed radix), and whether all of its values occur in their columns."""
        radix = [size or len(self._distinct(column)) for column, size in enumerate(self.space.sizes)]
        if math.prod(radix) >= 2**63:
            raise UserError("the grid of the values of these factors has more than 2^63 points; leave a factor out")
        key = np.zeros(rows.shape[:-1], dtype=np.int64)
        known = np.ones(rows.shape[:-1], dtype=bool)
        for column, size in enumerate(radix):
            values = rows[..., column]
            if self.space.sizes[column]:
                known &= (values >= 0) & (values < size)
                codes = np.where(known, values, 0).astype(np.int64)
            else:
                distinct = self._distinct(column)
                codes = np.minimum(np.searchsorted(distinct, values), size - 1)
                known &= distinct[codes] == values
            if column != without:
                key = key * size + codes
        return key, known

    def _distinct(self, column: int) -> np.ndarray:
        """The values that occur in a column, in order."""
        if column not in self._values:
            self._values[column] = np.unique(self._rows[:, column])
        return self._values[column]

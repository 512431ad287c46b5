"""Observations in which one factor changes and the others are held: what a picture of each factor shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasets.factored_dataset import FactoredDataset

MOST = 10
"""Values of a factor that are shown: the first, the last, and others evenly between."""
BASES = 64
LOOKED_AT = 20_000
MOST_TRIED = 2_000
"""Values of a factor that are looked for: a factor of more is sampled evenly."""


@dataclass(frozen=True)
class FactorRow:
    """`indices` [S] of observations with the `values` [S] of the factor `name`; `held` says whether all other factors agree."""

    name: str
    values: np.ndarray
    indices: np.ndarray
    held: bool


def factor_rows(dataset: FactoredDataset, rng: np.random.Generator) -> list[FactorRow]:
    """One row for each factor, all from one observation: of 64 drawn the one from which most other values can be reached.

    Where the table has fewer than two values beside an observation's other factors (it is no grid, or the factor is continuous), the
    row shows each value in some observation, and says so.
    """
    space, table = dataset.factor_space, dataset.factors
    bases = table[rng.integers(0, len(table), BASES)]
    values = [_evenly(np.arange(size), MOST_TRIED) for size in space.sizes]
    reached = [_reached(dataset, bases, column, tried) for column, tried in enumerate(values)]
    best = int(np.argmax(sum(np.minimum((one >= 0).sum(axis=1), MOST) for one in reached)))
    rows = []
    for column, name in enumerate(space.names):
        indices = reached[column][best]
        there = _evenly(np.flatnonzero(indices >= 0), MOST)
        if len(there) > 1 or space.sizes[column] == 1:
            rows.append(FactorRow(name, values[column][there], indices[there], True))
        else:
            rows.append(_anywhere(dataset, column, rng))
    return rows


def _evenly(values: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the values: the first, the last, and others evenly between."""
    return values[np.unique(np.linspace(0, len(values) - 1, most).round().astype(np.int64))] if len(values) else values


def _reached(dataset: FactoredDataset, bases: np.ndarray, column: int, values: np.ndarray) -> np.ndarray:
    """Indices [bases, values] of the observations that differ from a base in this factor only; -1 where there is none."""
    wanted = np.repeat(bases[:, None], len(values), axis=1)
    wanted[:, :, column] = values
    return dataset.factors.index_of(wanted)


def _anywhere(dataset: FactoredDataset, column: int, rng: np.random.Generator) -> FactorRow:
    """Observations from the lowest value of the factor to the highest, whatever the others are."""
    rows = len(dataset.factors)
    drawn = rng.permutation(rows) if rows <= LOOKED_AT else rng.integers(0, rows, LOOKED_AT)
    values, first = np.unique(dataset.factors[drawn][:, column], return_index=True)
    shown = _evenly(np.arange(len(values)), MOST)
    return FactorRow(dataset.factor_space.names[column], values[shown], drawn[first[shown]], False)

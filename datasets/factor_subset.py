"""Some factors of a data set: the others are held at a value, or hidden and drawn anew for every observation.

Holding is the published way to train on chosen factors (Dapueto et al. 2024); hiding is how disentanglement_lib (Locatello et
al. 2019) treats the factors that it does not show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from datasets.factor_tables import FactorTable, GridTable, ListedTable
from datasets.factored_dataset import FactorAccess, FactoredDataset
from foundation.errors import UserError


class FactorSubset(FactorAccess):
    """The data set with `factors` only, in this order.

    Every other factor stays at its value in `held` (name -> class), by default at class 0, and the rows with other values are
    gone. With `hidden=True` the factors that `held` does not name are drawn at random instead, uniformly over the
    observations that have the visible ones; `rng` of `observations` draws them.
    Raises UserError for unknown or repeated names, values that do not occur, and a continuous factor without a value.
    """

    def __init__(
        self, dataset: FactoredDataset, factors: Sequence[str], held: Mapping[str, float] | None = None, hidden: bool = False
    ) -> None:
        space = dataset.factor_space
        held = dict(held or {})
        visible = space.select(tuple(factors))
        if not factors:
            raise UserError(f"choose at least one factor of {dataset.name}: {', '.join(space.names)}")
        both = [name for name in held if name in factors]
        if both:
            raise UserError(f"factors of {dataset.name} cannot be both shown and held: {', '.join(both)}")
        others = [name for name in space.names if name not in factors and name not in held]
        if not hidden:
            continuous = [name for name in others if space.kinds[space.index(name)] == "continuous"]
            if continuous:
                raise UserError(f"{dataset.name}: say where the continuous {', '.join(continuous)} is held, or hide it")
            held |= dict.fromkeys(others, 0)
        held_columns = {space.index(name): value for name, value in held.items()}
        kept = [space.index(name) for name in factors]
        self._dataset = dataset
        self._rows: _GridRows | _ListedRows
        if isinstance(dataset.factors, GridTable):
            self._rows = _GridRows(dataset.factors, kept, held_columns, GridTable(visible))
        else:
            listed = dataset.factors[np.arange(len(dataset.factors))]
            present = np.all([listed[:, column] == value for column, value in held_columns.items()] or [[True]], axis=0)
            rows = np.flatnonzero(np.broadcast_to(present, len(listed)))
            if not len(rows):
                raise UserError(f"{dataset.name} has no observation with {_sentence(held)}")
            shown = listed[rows][:, kept]
            if hidden:
                combinations, group = np.unique(shown, axis=0, return_inverse=True)
                self._rows = _ListedRows(rows, group.ravel(), ListedTable(combinations, visible))
            else:
                self._rows = _ListedRows(rows, np.arange(len(rows)), ListedTable(shown, visible))
        self.factors: FactorTable = self._rows.table
        self.name = dataset.name
        self.observation_shape = dataset.observation_shape
        rest = [f"held at {_sentence(held)}"] if held else []
        rest += [f"hidden: {', '.join(others)}"] if hidden and others else []
        self.provenance = "; ".join([dataset.provenance, f"factors {', '.join(factors)}", *rest])

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., *observation_shape]. `rng` draws the hidden factors first, then what the data set draws."""
        return self._dataset.observations(self._rows.draw(np.asarray(indices), rng), rng)


class _GridRows:
    """Rows of a grid for rows of the smaller grid of the visible factors: arithmetic, nothing is listed."""

    def __init__(self, whole: GridTable, kept: list[int], held: dict[int, float], table: GridTable) -> None:
        for column, value in held.items():
            if value not in range(whole.space.sizes[column]):
                name, size = whole.space.names[column], whole.space.sizes[column]
                raise UserError(f"factor {name} cannot be held at {value}: its values are 0 to {size - 1}")
        self._whole, self._kept, self._held = whole, kept, held
        self._hidden = [column for column in range(len(whole.space)) if column not in kept and column not in held]
        self.table = table

    def draw(self, indices: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        factors = np.empty((*indices.shape, len(self._whole.space)), dtype=np.int64)
        factors[..., self._kept] = self.table[indices]
        for column, value in self._held.items():
            factors[..., column] = value
        for column in self._hidden:
            factors[..., column] = rng.integers(0, self._whole.space.sizes[column], indices.shape)
        return self._whole.index_of(factors)


class _ListedRows:
    """Rows of a list; `group` [N] says which row of `table` each of `rows` [N] belongs to."""

    def __init__(self, rows: np.ndarray, group: np.ndarray, table: ListedTable) -> None:
        self._members = rows[np.argsort(group, kind="stable")]
        self._sizes = np.bincount(group)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self.table = table

    def draw(self, indices: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        if len(self._members) == len(self._sizes):
            return self._members[indices]
        turn = (rng.random(indices.shape) * self._sizes[indices]).astype(np.int64)
        return self._members[self._starts[indices] + turn]


def _sentence(held: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in held.items())

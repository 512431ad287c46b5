"""Observations that actions lead from one to the next: steps along the factors of a grid, and stretches of a recorded walk.

Pairs of one action are the published case (Caselles-Dupre et al. 2019, arXiv 1904.00243; Painter et al. 2020, arXiv 2008.07922).
A walk of K actions shows all K + 1 observations, or with `ends_only` the first and the last; its actions are all K in either case.

Differs from the released code: there a pair that is several actions apart is labelled with the first of them alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from datasets.actions import ActionSpace, Walk
from datasets.factored_dataset import FactoredDataset
from datasets.parts import Part, starts
from foundation.errors import UserError


class _Walks:
    """Walks of `length` actions that begin in `part` (None: anywhere)."""

    def __init__(self, length: int, ends_only: bool, part: Part | None) -> None:
        if length < 1:
            raise UserError(f"a walk has at least one action, not {length}")
        self.length = length
        self.ends_only = ends_only
        self.part = part

    @property
    def views(self) -> int:
        return 2 if self.ends_only else self.length + 1

    @property
    def apart(self) -> int:
        return self.length if self.ends_only else 1

    def _shown(self, rows: np.ndarray) -> np.ndarray:
        """Of the rows [B, length + 1] of walks those that are seen."""
        return rows[:, [0, -1]] if self.ends_only else rows


class ActionWalks(_Walks):
    """Each action moves one factor of `steps` (name -> size of the step), drawn uniformly with its direction.

    Action 2 f adds the step to the f-th factor of `steps`, action 2 f + 1 takes it away. `cyclic` counts on from the first value
    after the last, and then the action turns a circle by 2 pi step / size; else a move ends at the first or last value, and the
    action is named all the same. The data set must have every combination that is reached.
    """

    def __init__(
        self, steps: Mapping[str, int], length: int = 1, cyclic: bool = True, ends_only: bool = False, part: Part | None = None
    ) -> None:
        super().__init__(length, ends_only, part)
        if not steps:
            raise UserError("name at least one factor that actions move, with the size of its step")
        self.steps = dict(steps)
        self.cyclic = cyclic

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        angles: list[float | None] = []
        for (name, step), size in zip(self.steps.items(), self._columns(dataset)[1], strict=True):
            if not 1 <= step < size:
                raise UserError(f"{dataset.name}: a step of {step} does not fit factor {name}, which has {size or 'continuous'} values")
            angle = 2 * math.pi * step / int(size)
            angles += [angle, -angle] if self.cyclic else [None, None]
        names = [name for name in self.steps for _ in range(2)]
        return ActionSpace(tuple(names), (1, -1) * len(self.steps), tuple(angles))

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        actions = rng.integers(0, len(self.actions(dataset)), (size, self.length))
        rows = np.empty((size, self.length + 1), dtype=np.int64)
        rows[:, 0] = starts(self.part, dataset, size, rng)
        factors = dataset.factors[rows[:, 0]]
        columns, sizes = self._columns(dataset)
        moves = np.array(list(self.steps.values()))
        each = np.arange(size)
        for turn in range(self.length):
            moved, backwards = np.divmod(actions[:, turn], 2)
            values = factors[each, columns[moved]] + np.where(backwards, -moves[moved], moves[moved])
            last = sizes[moved] - 1
            factors[each, columns[moved]] = values % (last + 1) if self.cyclic else np.clip(values, 0, last)
            rows[:, turn + 1] = dataset.factors.index_of(factors)
        if rows.min(initial=0) < 0:
            raise UserError(f"{dataset.name} lacks combinations that its actions lead to; take a data set with all of them")
        return self._shown(rows), actions

    def _columns(self, dataset: FactoredDataset) -> tuple[np.ndarray, np.ndarray]:
        """Columns and sizes of the factors that are moved."""
        space = dataset.factor_space
        columns = np.array([space.index(name) for name in self.steps])
        return columns, np.array(space.sizes)[columns]


class RecordedWalks(_Walks):
    """Stretches of the one walk that a data set was recorded on, in its own order, with its own actions."""

    def __init__(self, length: int = 1, ends_only: bool = False, part: Part | None = None) -> None:
        super().__init__(length, ends_only, part)

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        return self._walk(dataset).space

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        walk = self._walk(dataset)
        first = starts(self.part, dataset, size, rng, ahead=self.length)
        rows = first[:, None] + np.arange(self.length + 1)
        return self._shown(rows), walk.actions[rows[:, :-1]]

    def _walk(self, dataset: FactoredDataset) -> Walk:
        if dataset.walk is None:
            raise UserError(f"{dataset.name} was not recorded on a walk; use ActionWalks, which makes its own")
        return dataset.walk

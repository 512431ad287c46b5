"""Which observations a model sees together, as indices into a data set. Walks of actions stand in `datasets.walks`."""

from __future__ import annotations

import numpy as np

from datasets.actions import NO_ACTIONS, ActionSpace
from datasets.factored_dataset import FactoredDataset
from datasets.parts import Part, starts
from foundation.errors import UserError


class Single:
    """One observation, drawn uniformly from `part` (None: from all)."""

    views = 1
    apart = 1

    def __init__(self, part: Part | None = None) -> None:
        self.part = part

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        return NO_ACTIONS

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, None]:
        return starts(self.part, dataset, size, rng)[:, None], None


class RandomPairs:
    """Two observations of `part` (None: of all) that have nothing to do with each other; no known action leads between them."""

    views = 2
    apart = 1

    def __init__(self, part: Part | None = None) -> None:
        self.part = part

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        return NO_ACTIONS

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, None]:
        return starts(self.part, dataset, 2 * size, rng).reshape(size, 2), None


class WeakPairs:
    """Two observations whose factors agree but for one, which is drawn uniformly and redrawn uniformly (Locatello et al. 2020).

    The redrawn value may come out equal. The action is the column of the factor that was redrawn. Factors of one value are
    never redrawn, unless `constant_factors` asks for the published behaviour. With `changed=k` more than 1, one or k factors
    are redrawn, each case with probability 1/2, and there is no action to reveal. First observations are of `part` (None: any).
    """

    views = 2
    apart = 1

    def __init__(self, changed: int = 1, constant_factors: bool = False, part: Part | None = None) -> None:
        self.changed = changed
        self.constant_factors = constant_factors
        self.part = part

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        names = dataset.factor_space.names
        return ActionSpace(names, (0,) * len(names), (None,) * len(names)) if self.changed == 1 else NO_ACTIONS

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None]:
        space = dataset.factor_space
        columns = np.arange(len(space)) if self.constant_factors else np.array(space.varying)
        if not 1 <= self.changed <= len(columns):
            raise UserError(f"weak pairs cannot change {self.changed} of {len(columns)} factors ({', '.join(space.names)})")
        first = starts(self.part, dataset, size, rng)
        if self.changed == 1:
            redrawn = rng.choice(columns, size)
            second = dataset.factors.redraw(first, redrawn, rng)
            return np.stack([first, second], axis=1), redrawn[:, None]
        chosen = rng.permuted(np.broadcast_to(columns, (size, len(columns))), axis=1)
        several = rng.random(size) < 0.5
        second = dataset.factors.redraw(first, chosen[:, 0], rng)
        for turn in range(1, self.changed):
            second = np.where(several, dataset.factors.redraw(second, chosen[:, turn], rng), second)
        return np.stack([first, second], axis=1), None

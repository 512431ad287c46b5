"""What a model is fed: batches, their specification, and sources to draw them from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from datasets.actions import NO_ACTIONS, ActionSpace
from datasets.factor_space import FactorSpace
from datasets.factored_dataset import FactoredDataset


@dataclass(frozen=True)
class BatchSpec:
    """What every batch of a source looks like: the first argument of every model.

    `observation_shape` (C, H, W) or (D,); `views` V observations that belong together; `actions` the actions that lead from
    view to view, empty where none is revealed; `apart` how many of them lead from one view to the next; `targets` the space
    of the factors that a batch reveals, or None; `population` the number of observations of the data set, None for a law
    without end.
    """

    observation_shape: tuple[int, ...]
    views: int = 1
    actions: ActionSpace = NO_ACTIONS
    apart: int = 1
    targets: FactorSpace | None = None
    population: int | None = None


@dataclass(frozen=True)
class Batch:
    """`observations` [B, V, *observation_shape] float32; `actions` [B, (V - 1) * apart] int64 or None; `targets` [B, V, K] or None.

    Actions stand in the order of time. Where a walk of three actions shows only its ends, there are 2 views, 3 actions apart.
    It holds nothing that the experiment does not declare: a model cannot look at factors that it was not given.
    """

    observations: Tensor
    actions: Tensor | None = None
    targets: Tensor | None = None

    def __len__(self) -> int:
        return len(self.observations)

    def map(self, function: Callable[[Tensor], Tensor]) -> Batch:
        """The batch with `function` applied to each of its tensors."""
        actions = None if self.actions is None else function(self.actions)
        return Batch(function(self.observations), actions, None if self.targets is None else function(self.targets))

    def to(self, device: torch.device) -> Batch:
        """The batch on another device."""
        return self.map(lambda part: part.to(device, non_blocking=True))

    def split(self, parts: int) -> list[Batch]:
        """The batch in `parts` pieces of (almost) equal size, in order."""
        return [self.map(lambda part, i=i: part.tensor_split(parts)[i]) for i in range(parts)]  # type: ignore[misc]


class BatchSource(Protocol):
    """All that training knows of data. `draw` is a pure function of its arguments."""

    spec: BatchSpec

    def draw(self, size: int, rng: np.random.Generator) -> Batch: ...


class Views(Protocol):
    """Which observations a model sees together: one, a weak pair, an action walk, a clip."""

    views: int
    apart: int

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        """The actions that lead from view to view, `apart` of them each time; empty where there is none to reveal."""

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None]:
        """Indices [B, V] into the data set, and actions [B, (V - 1) * apart] or None."""


class Observed:
    """The batch source of a data set: views are drawn as indices, then looked up all at once.

    `targets` names the factors that every batch reveals; `reveal_actions=False` hides the actions between views.
    """

    def __init__(self, dataset: FactoredDataset, views: Views, targets: tuple[str, ...] = (), reveal_actions: bool = True) -> None:
        self.dataset = dataset
        self.views = views
        self.reveal_actions = reveal_actions
        space = dataset.factor_space
        self._target_columns = [space.index(name) for name in targets]
        self.spec = BatchSpec(
            observation_shape=tuple(dataset.observation_shape),
            views=views.views,
            actions=views.actions(dataset) if reveal_actions else NO_ACTIONS,
            apart=views.apart,
            targets=space.select(targets) if targets else None,
            population=len(dataset.factors),
        )

    def draw(self, size: int, rng: np.random.Generator) -> Batch:
        indices, actions = self.views.draw(self.dataset, size, rng)
        batch = Batch(self.dataset.observations(indices, rng))
        if actions is not None and self.spec.actions:
            batch = replace(batch, actions=torch.from_numpy(actions))
        if self._target_columns:
            batch = replace(batch, targets=torch.from_numpy(self.dataset.factors[indices][..., self._target_columns]))
        return batch

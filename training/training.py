"""How an experiment trains: steps, batches, an optimiser for each player, and which weights are kept. Plain declarations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from foundation.errors import UserError
from models.model import Model, Player

PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Plateau:
    """Lowers the learning rates when training stands still.

    They are multiplied by `factor` when the mean objective over `every` steps has not fallen by a share `threshold` for more than
    `patience` windows, down to `least`.
    """

    every: int
    factor: float = 0.5
    patience: int = 2
    threshold: float = 1e-4
    least: float = 1e-7

    def build(self, optimiser: torch.optim.Optimizer) -> ReduceLROnPlateau:
        return ReduceLROnPlateau(
            optimiser, factor=self.factor, patience=self.patience, threshold=self.threshold, min_lr=self.least, eps=0.0
        )


@dataclass(frozen=True)
class Decay:
    """The share of a learning rate that is left: 1 up to step `begin`, then falling in a straight line to 0 at step `end`."""

    begin: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.begin < self.end:
            raise UserError(f"a decay begins before it ends: not from step {self.begin} to step {self.end}")

    def __call__(self, step: int) -> float:
        return min(1.0, max(0.0, (self.end - step) / (self.end - self.begin)))


@dataclass(frozen=True)
class Optimiser:
    """Adam for one player. `learning_rates` and `decays` go by the names of parameter groups: a rate of their own, and how it ends.

    Parameters whose rate has come to 0 are held, and cost no gradients. Clipping is off where None.
    """

    learning_rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    learning_rates: Mapping[str, float] = field(default_factory=dict)
    decays: Mapping[str, Decay] = field(default_factory=dict)
    clip_norm: float | None = None
    clip_value: float | None = None
    plateau: Plateau | None = None

    def rates(self, player: Player) -> list[float]:
        """Learning rate of each group of a player, in order. Raises UserError for a rate of a group that the player lacks."""
        unknown = {*self.learning_rates, *self.decays} - set(player.groups)
        if unknown:
            raise UserError(f"learning rates are given for {', '.join(sorted(unknown))}, but the groups are {', '.join(player.groups)}")
        return [self.learning_rates.get(name, self.learning_rate) for name in player.groups]

    def shares(self, player: Player, step: int) -> list[float]:
        """What decays leave of the rate of each group at a step, in order."""
        return [self.decays[name](step) if name in self.decays else 1.0 for name in player.groups]

    def build(self, player: Player) -> torch.optim.Adam:
        """The optimiser of a player's parameters: one fused kernel for all of them."""
        groups = [
            {"params": list(parameters), "lr": rate} for parameters, rate in zip(player.groups.values(), self.rates(player), strict=True)
        ]
        return torch.optim.Adam(groups, betas=self.betas, eps=self.epsilon, fused=True)

    def clip(self, parameters: list[torch.nn.Parameter]) -> None:
        """Clips the gradients, by norm over all parameters, then by value."""
        if self.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, self.clip_norm)
        if self.clip_value is not None:
            torch.nn.utils.clip_grad_value_(parameters, self.clip_value)


@dataclass(frozen=True)
class Training:
    """`steps` steps of `batch_size` draws; `optimisers` names one optimiser for each player of the model.

    `accumulate` splits every batch into that many pieces whose gradients add up: the same step in less memory, but for models
    that couple the rows of a batch. `precision` bfloat16 runs the losses under autocast. A row of terms.csv is the mean over
    `report_every` steps; a checkpoint is written every `checkpoint_every` steps.
    """

    steps: int
    batch_size: int
    optimisers: Mapping[str, Optimiser]
    accumulate: int = 1
    precision: str = "float32"
    report_every: int = 100
    checkpoint_every: int = 1000

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise UserError(f"precision is {' or '.join(PRECISIONS)}, not {self.precision!r}")
        for name in ("steps", "batch_size", "accumulate", "report_every", "checkpoint_every"):
            if getattr(self, name) < 1:
                raise UserError(f"Training.{name} must be at least 1, not {getattr(self, name)}")
        if self.accumulate > self.batch_size:
            raise UserError(f"a batch of {self.batch_size} cannot be accumulated in {self.accumulate} pieces")


@dataclass(frozen=True)
class Selection:
    """Which weights are the run's: those of the best window of `every` steps.

    Best is the lowest mean objective over the window (published), or the lowest `criterion(model, seed)` at its end, for a
    validation draw. Without a selection the last weights are the run's. Training stops where that number is not finite, or more than
    `alarm` times the best: players of an adversarial game can run apart while every loss stays finite.
    """

    every: int
    criterion: Callable[[Model, int], float] | None = None
    alarm: float = math.inf

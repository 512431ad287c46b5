"""What training asks of a model (players and losses) and what scores ask of it (codes and expected observations)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from datasets.batches import Batch


@dataclass(frozen=True)
class Losses:
    """`objective`, a scalar in the paper's own scale, to be minimised; `terms`, scalars to be reported.

    Terms called `reconstruction`, `kl` and `elbo` are nats per observation, whatever the scale of the objective.
    """

    objective: Tensor
    terms: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Player:
    """Parameters that move together on one objective.

    `groups` name parameters, so that learning rates can go by name; `own_batch` draws a batch that no other player sees
    (the discriminator of FactorVAE must not judge the batch it was fooled with).
    """

    groups: Mapping[str, Sequence[nn.Parameter]]
    own_batch: bool = False

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All parameters, group after group."""
        return [parameter for group in self.groups.values() for parameter in group]


@dataclass(frozen=True)
class Posterior:
    """A diagonal Gaussian over codes: `mean` [N, D] and `log_variance` [N, D], or None where the encoder is deterministic."""

    mean: Tensor
    log_variance: Tensor | None = None

    def sample(self) -> Tensor:
        """One reparameterised draw [N, D], with noise from torch's default generator; the mean where there is no variance."""
        if self.log_variance is None:
            return self.mean
        return self.mean + torch.exp(0.5 * self.log_variance) * torch.randn_like(self.mean)

    def kl(self) -> Tensor:
        """Divergence from the standard normal prior, per dimension [N, D], in nats (Kingma and Welling 2014, appendix B)."""
        if self.log_variance is None:
            return torch.zeros_like(self.mean)
        return 0.5 * (self.log_variance.exp() + self.mean.square() - 1 - self.log_variance)


class Model(nn.Module, ABC):
    """A published method: networks, and the objectives by which its players move.

    The first argument of every constructor is the BatchSpec of its data; networks and other parts are factories that the
    configuration wires. `frozen` modules stay in evaluation mode while the others train. `couples_batch` says that the
    objective is not a mean over rows, so that splitting a batch changes it. `scaffold` names children that only training needs
    (an adversary, say): weights without them can be scored.
    """

    frozen: tuple[nn.Module, ...] = ()
    couples_batch: bool = False
    scaffold: tuple[str, ...] = ()

    @abstractmethod
    def players(self) -> Mapping[str, Player]:
        """The players, in the order in which they move. A parameter of no player never changes."""

    @abstractmethod
    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        """The objective of `player` on a batch at `step` (counted from 0)."""

    def check(self, batch: Batch) -> None:
        """Raises UserError where the first batch is nothing this model can learn from (pixels out of range, say)."""


@runtime_checkable
class Representer(Protocol):
    """What scores and pictures ask of a model, and training does not."""

    blocks: Mapping[str, slice]

    def encode(self, observations: Tensor) -> Posterior:
        """Codes of observations, [N, *observation_shape] -> Posterior over [N, D]."""

    def decode(self, codes: Tensor) -> Tensor:
        """Expected observations of codes, [N, D] -> [N, *observation_shape]."""

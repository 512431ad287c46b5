"""Annealed VAE: the divergence is drawn to a capacity that grows. Burgess et al. (2018, arXiv 1804.03599), equation 8.

objective = reconstruction + gamma |KL - C(step)|, C growing linearly from 0 to `capacity` nats over `lead_in` steps.

Differs from the released code of Painter et al. (2020, arXiv 2008.07922): C is a function of the training step, where theirs is a
counter that validation batches move as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from datasets.batches import BatchSpec
from models.likelihoods import Likelihood
from models.model import Posterior
from models.networks import Network
from models.schedules import Schedule
from models.vae import VAE


class AnnealedVAE(VAE):
    """`gamma` weighs the distance of the divergence from the capacity, which stands at `capacity` nats after `lead_in` steps."""

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        gamma: float = 1000.0,
        capacity: float = 25.0,
        lead_in: int = 100_000,
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood)
        self.gamma = gamma
        self.capacity = Schedule(0.0, capacity, lead_in)

    def regulariser(self, posterior: Posterior, codes: Tensor, step: int) -> tuple[Tensor, Mapping[str, Tensor]]:
        kl = posterior.kl().sum(1).mean()
        return self.gamma * (kl - self.capacity(step)).abs(), {"kl": kl}

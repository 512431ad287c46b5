"""The plain autoencoder: reconstruction alone. The parent of every model that encodes and decodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from datasets.batches import Batch, BatchSpec
from models.likelihoods import Likelihood
from models.model import Losses, Model, Player, Posterior
from models.networks import Network


class Autoencoder(Model):
    """A network and a likelihood; the objective is the reconstruction term, in nats per image.

    Parts: `network`, a factory called with the observation shape; `likelihood`, a factory called without arguments.
    """

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
    ) -> None:
        super().__init__()
        self.network = network(spec.observation_shape)
        self.likelihood = likelihood()
        self.couples_batch = self.network.couples_batch
        self.blocks: Mapping[str, slice] = {}

    @property
    def latent_dimensions(self) -> int:
        """Length of a code, D."""
        return self.network.latent_dimensions

    def players(self) -> Mapping[str, Player]:
        return {"model": Player({"model": list(self.parameters())})}

    def check(self, batch: Batch) -> None:
        self.likelihood.check(batch.observations.flatten(0, 1))

    def encode(self, observations: Tensor) -> Posterior:
        mean, log_variance = self.network.encode(observations)
        return Posterior(_full_precision(mean), None if log_variance is None else _full_precision(log_variance))

    def decode(self, codes: Tensor) -> Tensor:
        return self.likelihood.expected(self.network.decode(codes))

    def reconstruction(self, codes: Tensor, observations: Tensor) -> Tensor:
        """Negative log-likelihood of the observations [N, ...] given their codes [N, D], in nats per observation, [N]."""
        return self.likelihood(self.network.decode(codes), observations)

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        images = batch.observations.flatten(0, 1)
        loss = self.reconstruction(self.encode(images).mean, images).mean()
        return Losses(loss, {"reconstruction": loss})


def _full_precision(codes: Tensor) -> Tensor:
    """Codes in float32 or better: what is computed of them (divergences, covariances) is not for the three digits of bfloat16."""
    return codes.to(torch.promote_types(codes.dtype, torch.float32))

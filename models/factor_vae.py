"""FactorVAE: a discriminator estimates the total correlation of the codes. Kim and Mnih (2018, arXiv 1802.05983), algorithm 2.

objective = reconstruction + beta KL + gamma * mean(D_0(z) - D_1(z)), where D are the logits of a discriminator that tells codes (0)
from codes whose dimensions were shuffled over the batch, each by itself (1): at its best D_0 - D_1 is log q(z) - sum_d log q(z_d).

Two players with an Adam each: `model`, and `discriminator` on a batch of its own, which the model was not moved by; the published rate
of the second is 1e-4 with betas 0.5 and 0.9.

Differs from the paper: the discriminator's own batch gives both its true and its shuffled codes, where the paper takes the true ones from
the model's batch. Differs from the released code of Painter et al. (2020, arXiv 2008.07922): there dimensions are shuffled within each
image, a softmax is taken twice, and the model's optimiser moves the discriminator too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datasets.batches import Batch, BatchSpec
from models.likelihoods import Likelihood
from models.model import Losses, Player, Posterior
from models.networks import Network
from models.vae import VAE


class FactorVAE(VAE):
    """`gamma` weighs the total correlation; the discriminator has five hidden layers of `discriminator_width` units.

    Its encoder runs in training mode for both players, so that batch normalisation counts the batches of both.
    """

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        beta: float = 1.0,
        gamma: float = 6.4,
        discriminator_width: int = 1000,
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood, beta=beta)
        self.gamma = gamma
        self.discriminator = discriminator(self.latent_dimensions, discriminator_width)

    def players(self) -> Mapping[str, Player]:
        return {
            "model": Player({"model": [*self.network.parameters(), *self.likelihood.parameters()]}),
            "discriminator": Player({"discriminator": list(self.discriminator.parameters())}, own_batch=True),
        }

    def regulariser(self, posterior: Posterior, codes: Tensor, step: int) -> tuple[Tensor, Mapping[str, Tensor]]:
        divergence, terms = super().regulariser(posterior, codes, step)
        total_correlation = _difference(self.discriminator(codes)).mean()
        return divergence + self.gamma * total_correlation, {**terms, "total_correlation": total_correlation}

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        if player == "model":
            return super().losses(batch, step, player)
        with torch.no_grad():
            codes = self.posterior(batch).sample()
        return self.discrimination(codes)

    def discrimination(self, codes: Tensor) -> Losses:
        """The discriminator's cross-entropy between codes [N, D] and their shuffle, and its accuracy."""
        both = _difference(self.discriminator(torch.cat([codes, shuffled(codes)])))
        true, false = both.chunk(2)
        # the cross-entropy of two logits, by their difference
        entropy = 0.5 * (F.softplus(-true).mean() + F.softplus(false).mean())
        accuracy = 0.5 * ((true > 0).float().mean() + (false <= 0).float().mean())
        return Losses(entropy, {"accuracy": accuracy})


def discriminator(dimensions: int, width: int) -> nn.Sequential:
    """Codes [N, dimensions] -> logits [N, 2]: five hidden layers, leaky slope 0.2."""
    widths = (dimensions, *(width,) * 5)
    hidden = [layer for i in range(5) for layer in (nn.Linear(widths[i], widths[i + 1]), nn.LeakyReLU(0.2))]
    return nn.Sequential(*hidden, nn.Linear(width, 2))


def shuffled(codes: Tensor) -> Tensor:
    """Codes [N, D] with each dimension permuted over the batch by itself: draws from the product of its marginals."""
    return codes.gather(0, torch.rand_like(codes).argsort(0))


def _difference(logits: Tensor) -> Tensor:
    """D_0 - D_1 in float32, [N, 2] -> [N]."""
    return (logits[:, 0] - logits[:, 1]).float()

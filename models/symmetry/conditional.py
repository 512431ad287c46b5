"""Two baselines whose decoder is given Y, so that the code need not carry it.

CVAE: Sohn, Lee, Yan (2015). CVIB: Moyer et al. (2018, arXiv 1805.09458). Settings as Wieser et al. (2020, arXiv 2002.02782).
"""

from __future__ import annotations

import torch
from torch import Tensor

from datasets.batches import BatchSpec
from foundation.errors import UserError
from models.model import Losses, Posterior
from models.perceptron import Perceptron
from models.symmetry.target_model import ConditionalEncoder, TargetModel, squared_error


class ConditionalVAE(TargetModel):
    """KL + X with the decoder on (z, y). It predicts nothing."""

    def __init__(self, spec: BatchSpec, *, dimensions: int = 2) -> None:
        super().__init__(spec)
        self.encoder = ConditionalEncoder(self.inputs, dimensions)
        self.decoder = Perceptron(dimensions + self.targets, self.inputs)
        self.blocks = {"invariant": slice(0, dimensions)}

    def decode(self, codes: Tensor, targets: Tensor | None = None) -> Tensor:
        if targets is None:
            raise UserError(f"{type(self).__name__} decodes a code together with its target, and none was given")
        reconstruction: Tensor = self.decoder(torch.cat([codes, targets], dim=1))
        return reconstruction

    def objective(self, observations: Tensor, targets: Tensor, step: int) -> Losses:
        posterior = self.encode(observations)
        x_loss = squared_error(self.decode(posterior.sample(), targets), observations)
        kl = posterior.kl().sum(1).mean()
        return self.weighed(posterior, x_loss, kl)

    def weighed(self, posterior: Posterior, x_loss: Tensor, kl: Tensor) -> Losses:
        """How the terms add up."""
        return Losses(kl + x_loss, {"x_loss": x_loss, "kl": kl})


class ConditionalBottleneck(ConditionalVAE):
    """0.1 KL + 2 X + the mean divergence between the posteriors of all ordered pairs of a batch, a bound on I(Z, X)."""

    couples_batch = True

    def weighed(self, posterior: Posterior, x_loss: Tensor, kl: Tensor) -> Losses:
        pairs = pairwise_divergence(posterior)
        return Losses(0.1 * kl + 2 * x_loss + pairs, {"x_loss": x_loss, "kl": kl, "pairwise_divergence": pairs})


def pairwise_divergence(posterior: Posterior) -> Tensor:
    """Mean over all ordered pairs (i, j) of KL(q_i || q_j), each with itself included. Variances get 1e-8.

    In closed form from sums over the batch: sum_j (v_i + (m_i - m_j)^2) / v_j needs only the sums of 1 / v_j, m_j / v_j and m_j^2 / v_j,
    so that it costs B and not B^2.
    """
    assert posterior.log_variance is not None
    mean = posterior.mean - posterior.mean.mean(0)  # which changes nothing but the rounding
    variance = posterior.log_variance.exp() + 1e-8
    precision = 1 / variance
    scaled = (
        (variance + mean.square()).mean(0) * precision.mean(0)
        - 2 * mean.mean(0) * (mean * precision).mean(0)
        + (mean.square() * precision).mean(0)
    )
    return 0.5 * (scaled - 1).sum()  # the log-determinants cancel over ordered pairs

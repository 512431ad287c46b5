"""What the five models of Wieser et al. (2020, arXiv 2002.02782) share: a code of X, from which X comes back and Y is predicted.

Sums of squared errors stand for both likelihoods. All networks are perceptrons of two hidden layers; only the encoder has no biases.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.model import Losses, Model, Player, Posterior
from models.perceptron import Perceptron


class SharedNoiseEncoder(nn.Module):
    """Means that depend on the observation, and one free noise scale per dimension, the same for all of them."""

    def __init__(self, inputs: int, dimensions: int) -> None:
        super().__init__()
        self.means = Perceptron(inputs, dimensions, bias=False)
        self.log_scale = nn.Parameter(torch.zeros(dimensions))

    def forward(self, observations: Tensor) -> Posterior:
        means = self.means(observations)
        return Posterior(means, (2 * self.log_scale).expand_as(means))


class ConditionalEncoder(nn.Module):
    """Means and log-variances, both of which depend on the observation: one head for each."""

    def __init__(self, inputs: int, dimensions: int) -> None:
        super().__init__()
        self.both = Perceptron(inputs, 2 * dimensions, bias=False)

    def forward(self, observations: Tensor) -> Posterior:
        return Posterior(*self.both(observations).chunk(2, dim=1))


class TargetModel(Model):
    """A model of vectors X [D] with a target Y [K]. `blocks` names the dimensions that carry the target, and those that must not."""

    def __init__(self, spec: BatchSpec) -> None:
        super().__init__()
        if len(spec.observation_shape) != 1 or spec.targets is None:
            raise UserError(f"{type(self).__name__} learns vectors with a target, not observations of shape {spec.observation_shape}")
        self.inputs, self.targets = spec.observation_shape[0], len(spec.targets)
        self.blocks: Mapping[str, slice] = {}
        self.encoder: SharedNoiseEncoder | ConditionalEncoder
        self.decoder: Perceptron

    def players(self) -> Mapping[str, Player]:
        return {"model": Player({"model": list(self.parameters())})}

    def encode(self, observations: Tensor) -> Posterior:
        posterior: Posterior = self.encoder(observations)
        return posterior

    def decode(self, codes: Tensor, targets: Tensor | None = None) -> Tensor:
        reconstruction: Tensor = self.decoder(codes)
        return reconstruction

    def predict(self, codes: Tensor) -> Tensor | None:
        """Y [N, K] of codes [N, D]; None where the model has no predictor."""
        return None

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        assert batch.targets is not None
        return self.objective(batch.observations[:, 0], batch.targets[:, 0], step)

    @abstractmethod
    def objective(self, observations: Tensor, targets: Tensor, step: int) -> Losses:
        """The loss of the model's own parameters on X [B, D] and Y [B, K]."""


class PredictingModel(TargetModel):
    """A target model that predicts Y from its code; a descendant says how the losses add up."""

    encoder: SharedNoiseEncoder

    @abstractmethod
    def predict(self, codes: Tensor) -> Tensor:
        """Y [N, K] of codes [N, D]."""

    @abstractmethod
    def total(self, posterior: Posterior, codes: Tensor, x_loss: Tensor, y_loss: Tensor, targets: Tensor, step: int) -> Losses:
        """The objective from its parts; `codes` are the draws from the posterior that were decoded."""

    def objective(self, observations: Tensor, targets: Tensor, step: int) -> Losses:
        posterior = self.encode(observations)
        codes = posterior.sample()
        x_loss, y_loss = squared_error(self.decode(codes), observations), squared_error(self.predict(codes), targets)
        return self.total(posterior, codes, x_loss, y_loss, targets, step)


def squared_error(first: Tensor, second: Tensor) -> Tensor:
    """Sum over the last dimension, mean over the batch."""
    return (first - second).square().sum(1).mean()

"""The VAE of Wieser et al. (2020): KL + X + 3 Y, the target predicted from the whole code."""

from __future__ import annotations

from torch import Tensor

from datasets.batches import BatchSpec
from models.model import Losses, Posterior
from models.perceptron import Perceptron
from models.symmetry.target_model import PredictingModel, SharedNoiseEncoder


class PredictingVAE(PredictingModel):
    """Three dimensions; all of them count as invariant when their information on Y is measured."""

    def __init__(self, spec: BatchSpec, *, dimensions: int = 3, target_weight: float = 3.0) -> None:
        super().__init__(spec)
        self.target_weight = target_weight
        self.encoder = SharedNoiseEncoder(self.inputs, dimensions)
        self.decoder = Perceptron(dimensions, self.inputs)
        self.predictor = Perceptron(dimensions, self.targets)
        self.blocks = {"invariant": slice(0, dimensions)}

    def predict(self, codes: Tensor) -> Tensor:
        prediction: Tensor = self.predictor(codes)
        return prediction

    def total(self, posterior: Posterior, codes: Tensor, x_loss: Tensor, y_loss: Tensor, targets: Tensor, step: int) -> Losses:
        kl = posterior.kl().sum(1).mean()
        return Losses(kl + x_loss + self.target_weight * y_loss, {"x_loss": x_loss, "y_loss": y_loss, "kl": kl})

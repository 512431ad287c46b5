"""Symmetry-transformation information bottleneck: Wieser, Parbhoo, Wieczorek, Roth (2020), arXiv 2002.02782.

The code is split: Z1 (one dimension) must predict Y, Z0 (two dimensions) must not know it. Two players move in turn on the same batch.
The maximiser (an invariance network a = h(Z0) and a bijection b = g(Y)) looks for dependence: it maximises I(a, b), the mutual
information of Gaussians without its factor 1/2, minus 0.01 times the squared error of the bijection back to Y. The minimiser (encoder,
decoder, predictor) minimises KL + lambda (X + Y + 400 I). lambda grows by 3 % every 300 steps.

Differs from the released code: there the first layer of the invariance network moves with the minimiser, by a slip in counting
variables; here the whole of it belongs to the maximiser, as in the paper. The log-determinants are taken in float64.
Differs from the paper: a decoder that must follow a moving code never converges, so the parameters of the code's means are a group of
their own, `code`, which can be brought to rest (training.Decay). From step `settled` on the minimiser minds I no more: with the code at
rest I could only raise the noise, which costs the reconstruction and hides nothing when the code is read at its mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from datasets.batches import Batch, BatchSpec
from models.model import Losses, Player, Posterior
from models.perceptron import Perceptron
from models.symmetry.target_model import PredictingModel, SharedNoiseEncoder, squared_error


class GrowingWeight:
    """lambda(step) = min(`start` * `factor` ** (step // `every`), `largest`)."""

    def __init__(self, start: float = 0.7, factor: float = 1.03, every: int = 300, largest: float = float("inf")) -> None:
        self.start, self.factor, self.every, self.largest = start, factor, every, largest

    def __call__(self, step: int) -> float:
        return min(self.start * self.factor ** (step // self.every), self.largest)


class UnregularisedSTIB(PredictingModel):
    """STIB without its adversary (STIB_WO_REG): KL + lambda (X + 3 Y), Y predicted from Z1 alone."""

    def __init__(
        self,
        spec: BatchSpec,
        *,
        growth: GrowingWeight,
        invariant_dimensions: int = 2,
        target_dimensions: int = 1,
        target_weight: float = 3.0,
    ) -> None:
        super().__init__(spec)
        self.growth, self.target_weight, self.split = growth, target_weight, invariant_dimensions
        dimensions = invariant_dimensions + target_dimensions
        self.encoder = SharedNoiseEncoder(self.inputs, dimensions)
        self.decoder = Perceptron(dimensions, self.inputs)
        self.predictor = Perceptron(target_dimensions, self.targets)
        self.blocks = {"invariant": slice(0, invariant_dimensions), "target": slice(invariant_dimensions, dimensions)}

    def predict(self, codes: Tensor) -> Tensor:
        prediction: Tensor = self.predictor(codes[:, self.split :])
        return prediction

    def total(self, posterior: Posterior, codes: Tensor, x_loss: Tensor, y_loss: Tensor, targets: Tensor, step: int) -> Losses:
        kl = posterior.kl().sum(1).mean()
        weighed = x_loss + self.target_weight * y_loss
        return Losses(kl + self.growth(step) * weighed, {"x_loss": x_loss, "y_loss": y_loss, "kl": kl})


class STIB(UnregularisedSTIB):
    """The whole method, with players `minimiser` and `maximiser`. `invariance_weight` is the published 400."""

    couples_batch = True

    def __init__(
        self,
        spec: BatchSpec,
        *,
        growth: GrowingWeight,
        invariant_dimensions: int = 2,
        target_dimensions: int = 1,
        target_weight: float = 1.0,
        invariance_weight: float = 400.0,
        maximiser_scale: float = 3000.0,
        back_weight: float = 0.01,
        settled: float = math.inf,
    ) -> None:
        super().__init__(
            spec,
            growth=growth,
            invariant_dimensions=invariant_dimensions,
            target_dimensions=target_dimensions,
            target_weight=target_weight,
        )
        self.invariance_weight, self.maximiser_scale, self.back_weight = invariance_weight, maximiser_scale, back_weight
        self.settled = settled
        self.invariance = Perceptron(invariant_dimensions, 2)
        self.forward_map, self.back_map = Perceptron(self.targets, 2), Perceptron(2, self.targets)

    def players(self) -> Mapping[str, Player]:
        def parameters(*names: str) -> list[torch.nn.Parameter]:
            return [parameter for name in names for parameter in self.get_submodule(name).parameters()]

        return {
            "minimiser": Player(
                {"code": parameters("encoder.means"), "model": [self.encoder.log_scale, *parameters("decoder", "predictor")]}
            ),
            "maximiser": Player({"adversary": parameters("invariance", "forward_map", "back_map")}),
        }

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        if player == "minimiser":
            return super().losses(batch, step, player)
        assert batch.targets is not None
        targets = batch.targets[:, 0]
        with torch.no_grad():
            codes = self.encode(batch.observations[:, 0]).sample()
        mapped = self.forward_map(targets)
        information = gaussian_information(self.invariance(codes[:, : self.split]), mapped)
        back = squared_error(self.back_map(mapped), targets)
        return Losses(-self.maximiser_scale * (information - self.back_weight * back), {"information": information, "back": back})

    def total(self, posterior: Posterior, codes: Tensor, x_loss: Tensor, y_loss: Tensor, targets: Tensor, step: int) -> Losses:
        bottleneck = super().total(posterior, codes, x_loss, y_loss, targets, step)
        with torch.no_grad():
            mapped = self.forward_map(targets)
        information = gaussian_information(self.invariance(codes[:, : self.split]), mapped)
        weight = self.growth(step) * self.invariance_weight if step < self.settled else 0.0
        return Losses(bottleneck.objective + weight * information, {**bottleneck.terms, "information": information})


def gaussian_information(first: Tensor, second: Tensor) -> Tensor:
    """log(det C_a det C_b / det C_ab) of the batch's correlation matrices, a [B, D], b [B, E]: twice the Gaussian mutual information."""
    both = torch.cat([first, second], dim=1).double()
    centred = both - both.mean(0)
    standardised = centred / (centred.square().mean(0) + 1e-8).sqrt()
    correlation = standardised.T @ standardised / (len(both) - 1)
    split = first.shape[1]
    determinants = [torch.linalg.slogdet(part)[1] for part in (correlation[:split, :split], correlation[split:, split:], correlation)]
    return (determinants[0] + determinants[1] - determinants[2]).to(first.dtype)

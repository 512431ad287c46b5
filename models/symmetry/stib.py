"""Symmetry-transformation information bottleneck: Wieser, Parbhoo, Wieczorek, Roth (2020), arXiv 2002.02782.

The code is split: Z1 (one dimension) must predict Y, Z0 (two dimensions) must not know it. Two players move in turn on the same batch.
The maximiser (an invariance network a = h(Z0) and a bijection b = g(Y)) looks for dependence: it maximises I(a, b), the mutual
information of Gaussians without its factor 1/2, minus 0.01 times the squared error of the bijection back to Y. The minimiser (encoder,
decoder, predictor) minimises KL + lambda (X + Y + 400 I). lambda grows by 3 % every 300 steps.

Differs from the released code: there the first layer of the invariance network moves with the minimiser, by a slip in counting
variables; here the whole of it belongs to the maximiser, as in the paper. The log-determinants are taken in float64.

Differs from the paper in these points, each of which can be set back; as published the training passes the published figures, and leaves
them again:
- `hiding` False: both players see Z0 at its mean, standardised, under a little noise (`blur`) that the code cannot outgrow. Else the
  minimiser hides Y under its own noise, or in a small Z0, and there it is found when the code is read at its mean, as scores read it.
- `features`: the maximiser compares 8 features of Z0 with 8 of Y (published: 2 and 2), so that it cannot be blind to what it should find.
- `memory`: correlations are averaged over batches. A batch of 60 alone says I = 0.07 where there is nothing, and 400 times the gradient
  of that chance drives code and decoder about. The value is that of the average, the gradient that of the batch at this value.
- the rates decay to rest (training.Decay in the configuration), those of the code before those of what must follow it.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

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
    scaffold = ("invariance", "forward_map", "back_map", "information")

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
        features: int = 8,
        memory: float = 0.99,
        hiding: bool = False,
        blur: float = 0.2,
    ) -> None:
        super().__init__(
            spec,
            growth=growth,
            invariant_dimensions=invariant_dimensions,
            target_dimensions=target_dimensions,
            target_weight=target_weight,
        )
        self.invariance_weight, self.maximiser_scale, self.back_weight = invariance_weight, maximiser_scale, back_weight
        self.hiding, self.blur = hiding, blur
        self.invariance = Perceptron(invariant_dimensions, features)
        self.forward_map, self.back_map = Perceptron(self.targets, features), Perceptron(features, self.targets)
        self.information = GaussianInformation(features, features, memory)

    def players(self) -> Mapping[str, Player]:
        def parameters(*names: str) -> list[nn.Parameter]:
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
            posterior = self.encode(batch.observations[:, 0])
            seen = self.seen(posterior, posterior.sample())
        mapped = self.forward_map(targets)
        information = self.information(self.invariance(seen), mapped)
        back = squared_error(self.back_map(mapped), targets)
        return Losses(-self.maximiser_scale * (information - self.back_weight * back), {"information": information, "back": back})

    def total(self, posterior: Posterior, codes: Tensor, x_loss: Tensor, y_loss: Tensor, targets: Tensor, step: int) -> Losses:
        bottleneck = super().total(posterior, codes, x_loss, y_loss, targets, step)
        with torch.no_grad():
            mapped = self.forward_map(targets)
        information = self.information(self.invariance(self.seen(posterior, codes)), mapped)
        objective = bottleneck.objective + self.growth(step) * self.invariance_weight * information
        return Losses(objective, {**bottleneck.terms, "information": information})

    def seen(self, posterior: Posterior, codes: Tensor) -> Tensor:
        """What both players see of Z0 [B, D]: the draw itself, or its mean, standardised and blurred."""
        if self.hiding:
            return codes[:, : self.split]
        means = standardised(posterior.mean[:, : self.split], floor=1e-12)
        return means + self.blur * torch.randn_like(means)


class GaussianInformation(nn.Module):
    """log(det C_a det C_b / det C_ab) of a [B, D] and b [B, E]: twice the mutual information of Gaussians with these correlations C.

    In training the correlations are running means over batches, of which a new one takes the share 1 - `memory`; with `memory` 0, and in
    evaluation, those of the batch alone.
    """

    def __init__(self, first: int, second: int, memory: float = 0.0) -> None:
        super().__init__()
        self.split, self.memory = first, memory
        self.correlation: Tensor
        self.register_buffer("correlation", torch.eye(first + second, dtype=torch.float64))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        both = standardised(torch.cat([first, second], dim=1))
        batch = both.T @ both / (len(both) - 1)
        with torch.no_grad():
            correlation = batch.double()
            if self.training and self.memory:
                correlation = self.correlation.lerp_(correlation, 1 - self.memory)
            whole = correlation + 1e-6 * torch.eye(len(correlation), dtype=correlation.dtype, device=correlation.device)
            apart = whole.clone()
            apart[: self.split, self.split :] = apart[self.split :, : self.split] = 0
            value = torch.linalg.slogdet(apart)[1] - torch.linalg.slogdet(whole)[1]
            # The derivative of a log-determinant is the inverse: autograd need not go through them.
            slope = torch.linalg.inv(apart) - torch.linalg.inv(whole)
        moving: Tensor = ((batch - batch.detach()) * slope.to(batch.dtype)).sum()
        return value.to(batch.dtype) + moving


def standardised(values: Tensor, floor: float = 1e-8) -> Tensor:
    """Columns of a batch [B, D] with mean 0 and population variance 1, but for `floor`, which is added to the variance."""
    centred = values - values.mean(0)
    return centred / (centred.square().mean(0) + floor).sqrt()

"""STIB for images: a code whose part Z1 predicts chosen factors, and whose part Z0 must not know them.

After Wieser, Parbhoo, Wieczorek, Roth (2020), arXiv 2002.02782, which learns vectors (`stib`): two players move in turn on the same
batch. The maximiser (an invariance network a = h(Z0) and an invertible map b = g(Y)) raises I(a, b), twice the mutual information of
Gaussians, minus 0.01 times the squared error of the way back to Y. The minimiser (encoder, noise scale, decoder, predictor) lowers
    reconstruction + `beta` KL + `target_weight` Y + `invariance_weight` I,
the first in nats per image by a likelihood, Y the squared error of the predicted numbers (`target_numbers`, each of variance 1).

How the weights relate to the paper's KL + lambda (X + Y + 400 I): divide by lambda, so that beta = 1 / lambda. lambda grows there because
a squared error does not know how exact it should be; a likelihood in nats does, and beta stands still at 1. X of the spiral is worth
10.7 before anything is learned, Y 16 and I counts 400, a proportion of 1 : 1.5 : 40; what a code saves on a picture of dSprites is about
200 nats, which makes a `target_weight` of 150 for two numbers, as squared errors about a normal of standard deviation 0.06, and an
`invariance_weight` of some 7500. The default is 1000: a batch's estimate of I is never 0, and the weight multiplies its noise.

Differs from the paper: the invariance network sees Z0 standardised over the batch, correlations are averaged over batches (`memory`), and
a and b have `features` dimensions instead of 2. I does not change with linear maps of a or b, so that with more features there is less
to learn before a dependence shows: on one code that was held still, 800 steps found I = 2.8 with 2 features and 3.8 with 8, the first
200 of them 0.6 and 3.1. An adversary that needs hundreds of steps never sees a code that moves.

What it cannot tell: the adversary judges draws from the code, and so do the terms. Images are few and exact: at its mean a code can tell
positions apart by differences far below its own noise, which no decoder uses, and nearest neighbours find them. Compare the
information of sampled codes (mode "sampled"); that of means says how far the code is from invariance to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.autoencoder import Autoencoder
from models.likelihoods import Likelihood
from models.model import Losses, Player, Posterior
from models.networks import Network
from models.perceptron import Perceptron
from models.symmetry.stib import GaussianInformation, standardised
from models.symmetry.target_model import squared_error
from models.symmetry.target_numbers import TargetNumbers


class ImageSTIB(Autoencoder):
    """The targets are those of the batches; the last `target_dimensions` of the code are Z1, the others Z0.

    The noise scale is one free number per dimension, the same for all images: the network's head for variances is taken off. With an
    `invariance_weight` of 0 the maximiser still looks for Y in Z0 and reports what it finds, and nothing hides from it.
    """

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        target_dimensions: int,
        beta: float = 1.0,
        target_weight: float = 150.0,
        invariance_weight: float = 1000.0,
        back_weight: float = 0.01,
        features: int = 8,
        memory: float = 0.9,
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood)
        if spec.targets is None:
            raise UserError(f"{type(self).__name__} needs targets: name the factors that its code must set apart, as Observed.targets")
        if not 0 < target_dimensions < self.latent_dimensions:
            room = f"a code of {self.latent_dimensions} dimensions"
            raise UserError(f"{room} has no part of {target_dimensions} for the target and another beside it")
        self.beta, self.target_weight, self.invariance_weight = beta, target_weight, invariance_weight
        self.back_weight, self.split = back_weight, self.latent_dimensions - target_dimensions
        self.couples_batch = True
        self.blocks = {"invariant": slice(0, self.split), "target": slice(self.split, self.latent_dimensions)}
        self.network.log_variance = None
        self.log_scale = nn.Parameter(torch.zeros(self.latent_dimensions))
        self.numbers = TargetNumbers(spec.targets)
        # K different targets span K - 1 dimensions: with more, correlations would be singular.
        count, shared = len(self.numbers), int(min(features, self.numbers.combinations - 1))
        self.predictor = Perceptron(target_dimensions, count)
        self.invariance = Perceptron(self.split, shared)
        self.forward_map, self.back_map = Perceptron(count, shared), Perceptron(shared, count)
        self.information = GaussianInformation(shared, shared, memory)

    def players(self) -> Mapping[str, Player]:
        def parameters(*parts: nn.Module) -> list[nn.Parameter]:
            return [parameter for part in parts for parameter in part.parameters()]

        adversary = parameters(self.invariance, self.forward_map, self.back_map)
        code = parameters(self.network.features, self.network.mean)
        taken = {id(parameter) for parameter in (*code, *adversary)}
        return {
            "minimiser": Player({"code": code, "model": [p for p in self.parameters() if id(p) not in taken]}),
            "maximiser": Player({"adversary": adversary}),
        }

    def encode(self, observations: Tensor) -> Posterior:
        means = super().encode(observations).mean
        return Posterior(means, (2 * self.log_scale).expand_as(means))

    def predict(self, codes: Tensor) -> Tensor:
        """The numbers of the targets [N, M] of codes [N, D], from Z1 alone."""
        prediction: Tensor = self.predictor(codes[:, self.split :])
        return prediction

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        assert batch.targets is not None
        images, targets = batch.observations.flatten(0, 1), self.numbers(batch.targets.flatten(0, 1))
        if player == "maximiser":
            with torch.no_grad():
                codes = self.encode(images).sample()
            mapped = self.forward_map(targets)
            information, back = self._information(codes, mapped), squared_error(self.back_map(mapped), targets)
            return Losses(self.back_weight * back - information, {"information": information, "back": back})
        posterior = self.encode(images)
        codes = posterior.sample()
        reconstruction, kl = self.reconstruction(codes, images).mean(), posterior.kl().sum(1).mean()
        y_loss = squared_error(self.predict(codes), targets)
        with torch.no_grad():
            mapped = self.forward_map(targets)
        information = self._information(codes, mapped)
        weighed = self.beta * kl + self.target_weight * y_loss + self.invariance_weight * information
        terms = {"reconstruction": reconstruction, "kl": kl, "elbo": -(reconstruction + kl), "y_loss": y_loss, "information": information}
        return Losses(reconstruction + weighed, terms)

    def _information(self, codes: Tensor, mapped: Tensor) -> Tensor:
        """I between what the invariance network makes of Z0 and what the invertible map makes of Y."""
        information: Tensor = self.information(self.invariance(standardised(codes[:, : self.split])), mapped)
        return information

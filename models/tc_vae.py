"""beta-TC-VAE: the total correlation of the codes has a weight of its own. Chen et al. (2018, arXiv 1802.04942), equations 2, 4.

The divergence is the sum of three terms: the mutual information of image and code E[log q(z|x) - log q(z)], the total correlation
E[log q(z) - sum_d log q(z_d)], and the dimension-wise divergence E[sum_d log q(z_d) - log p(z)].
objective = reconstruction + alpha * information + beta * correlation + gamma * dimension-wise divergence.

The density q(z) of all N images' codes together is estimated from the M images of a batch. `weighted` (the default, there and here)
takes each of them at 1 / (N M); `stratified` (their appendix C) takes a code's own image at its probability 1 / N, the others for all the
rest, which is unbiased for q(z) where the batch holds no image twice. The logarithm of either is biased. `weighted` finds a total
correlation that is too large by (D - 1) log N, which moves no gradient; under `stratified` the total correlation of a batch may well be
negative, though the true one never is. Compare them between steps and models of one batch size, not with 0.

Differs from the paper: alpha = beta = gamma = 1 gives back the VAE with its divergence in closed form, and the weights act on the
estimated terms by what they exceed 1: the same expectation, less noise. `stratified` shares its weight evenly among the other images,
the paper gives one of them less; ours is the mean of theirs over the choice of that one, has less variance, and is exact where the
batch is the whole set. Differs from the released code, which by a slip of an index puts 1 / N into the first column of its weights
instead of the diagonal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.likelihoods import Likelihood
from models.model import Posterior
from models.networks import Network
from models.vae import VAE

ESTIMATORS = ("weighted", "stratified")


class TCVAE(VAE):
    """Needs a source that tells how many observations there are in all."""

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        alpha: float = 1.0,
        beta: float = 6.0,
        gamma: float = 1.0,
        estimator: str = "weighted",
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood)
        if spec.population is None:
            raise UserError("TCVAE must know how many observations there are in all, and this source has no end; train it on a data set")
        if estimator not in ESTIMATORS:
            raise UserError(f"the estimator of TCVAE is {' or '.join(ESTIMATORS)}, not {estimator!r}")
        self.population, self.estimator = spec.population, estimator
        self.alpha, self.total_correlation_weight, self.gamma = alpha, beta, gamma
        self.couples_batch = True

    def check(self, batch: Batch) -> None:
        super().check(batch)
        if batch.observations.shape[:2].numel() < 2:
            raise UserError("TCVAE compares the images of a batch with one another; raise Training.batch_size to 2 or more")

    def regulariser(self, posterior: Posterior, codes: Tensor, step: int) -> tuple[Tensor, Mapping[str, Tensor]]:
        divergence, terms = super().regulariser(posterior, codes, step)
        weights = log_weights(len(codes), self.population, self.estimator).to(codes)
        information, correlation, dimensions = decomposition(posterior, codes, weights)
        return (
            divergence + (self.alpha - 1) * information + (self.total_correlation_weight - 1) * correlation + (self.gamma - 1) * dimensions,
            {**terms, "mutual_information": information, "total_correlation": correlation, "dimension_kl": dimensions},
        )


def log_weights(rows: int, population: int, estimator: str) -> Tensor:
    """Logarithms of the weights of a batch's posteriors in the density at each of its codes, [rows, rows]."""
    if estimator == "weighted":
        return torch.full((rows, rows), -math.log(population * rows))
    weights = torch.full((rows, rows), math.log((population - 1) / (population * (rows - 1))))
    return weights.fill_diagonal_(-math.log(population))


def decomposition(posterior: Posterior, codes: Tensor, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mutual information, total correlation and dimension-wise divergence of a batch, in nats.

    `codes` [N, D] are one draw from each row of `posterior`, `weights` [N, N] as from `log_weights`. Their sum is the mean of
    log q(z|x) - log p(z) whatever the weights are. Time and memory grow with N * N * D.
    """
    assert posterior.log_variance is not None
    densities = log_normal(codes.unsqueeze(1), posterior.mean, posterior.log_variance)
    own = densities.diagonal().sum(0)
    aggregate = torch.logsumexp(densities.sum(2) + weights, 1)
    product = torch.logsumexp(densities + weights.unsqueeze(2), 1).sum(1)
    prior = log_normal(codes, torch.zeros_like(codes), torch.zeros_like(codes)).sum(1)
    return (own - aggregate).mean(), (aggregate - product).mean(), (product - prior).mean()


def log_normal(values: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    return -0.5 * ((values - mean).square() * torch.exp(-log_variance) + log_variance + math.log(2 * math.pi))

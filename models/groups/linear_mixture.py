"""A mixture of linear maps: which of K maps W_k took each code to its successor, when neither maps nor choices are known.

Expectation and maximisation of a mixture of linear regressions (DeSarbo and Cron 1988, Journal of Classification 5): all maps are equally
likely, and errors have one variance. In turn each map answers for a pair by softmax(-|W_k z - z'|^2 / 2 variance), and is fitted to the
pairs that it answers for by least squares. It ends in a best place near where it starts; so it is started many times, all at once, and the
likeliest is taken. Nothing here depends on the basis of the codes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

RIDGE = 1e-3
LEAST_VARIANCE = 1e-4
SPREAD = 0.7


@dataclass(frozen=True)
class Mixture:
    """`maps` [..., K, D, D], the `variance` of an error's entry [...] and the mean log-likelihood of a pair, up to a constant [...]."""

    maps: Tensor
    variance: Tensor
    likelihood: Tensor

    def responsibilities(self, before: Tensor, after: Tensor) -> Tensor:
        """How likely each map is to have taken `before` to `after`, [N, D] twice -> [..., N, K]."""
        return _scores(_squared_errors(self.maps, before, after), self.variance).softmax(-2).mT


def fitted(maps: Tensor, before: Tensor, after: Tensor, rounds: int) -> Mixture:
    """Mixtures after `rounds` (1 or more) from `maps` [..., K, D, D], on N pairs of codes [N, D]."""
    dimensions = before.shape[1]
    ridge = RIDGE * before.square().sum() / dimensions * torch.eye(dimensions, device=before.device)
    smallest = LEAST_VARIANCE * after.square().mean()
    variance = (after - before).square().mean().clamp_min(smallest).expand(maps.shape[:-3])
    errors = _squared_errors(maps, before, after)
    for _ in range(rounds):
        weighed = _scores(errors, variance).softmax(-2).unsqueeze(-1) * before
        maps = torch.linalg.solve(weighed.mT @ before + ridge, (after.mT @ weighed).mT + ridge).mT
        errors = _squared_errors(maps, before, after)
        weights = _scores(errors, variance).softmax(-2)
        variance = ((weights * errors).sum((-1, -2)) / after.numel()).clamp_min(smallest)
    likelihood = _scores(errors, variance).logsumexp(-2).mean(-1) - dimensions / 2 * variance.log()
    return Mixture(maps, variance, likelihood)


def discovered(count: int, before: Tensor, after: Tensor, *, starts: int, rounds: int) -> Mixture:
    """The likeliest of `starts` mixtures of `count` maps, each begun from rotations drawn from torch's default generator."""
    dimensions = before.shape[1]
    drawn = SPREAD * torch.randn(starts, count, dimensions, dimensions)
    found = fitted(torch.linalg.matrix_exp(drawn - drawn.mT).to(before), before, after, rounds)
    best = found.likelihood.argmax()
    return Mixture(found.maps[best], found.variance[best], found.likelihood[best])


def _squared_errors(maps: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """[..., K, N]."""
    return (before @ maps.mT - after).square().sum(-1)


def _scores(errors: Tensor, variance: Tensor) -> Tensor:
    """Log-likelihoods, up to a constant, of squared errors [..., K, N]."""
    return -errors / (2 * variance[..., None, None])

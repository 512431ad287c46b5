"""DIP-VAE I and II: the codes of all images together are to have the covariance of the prior.

Kumar, Sattigeri, Balakrishnan (2018, arXiv 1711.00848):
objective = reconstruction + beta KL + off_diagonal * sum_{i != j} C_ij^2 + diagonal * sum_i (C_ii - 1)^2,
where C is the covariance over the batch of the means (I) or of the codes themselves (II). Sums over entries, not means.
The default weights are those of the released code of Painter et al. (2020, arXiv 2008.07922), for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from datasets.batches import BatchSpec
from models.likelihoods import Likelihood
from models.model import Posterior
from models.networks import Network
from models.vae import VAE


class DIPVAEI(VAE):
    """DIP-VAE I: C is the covariance of the posterior means."""

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        beta: float = 1.0,
        off_diagonal: float = 10.0,
        diagonal: float = 100.0,
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood, beta=beta)
        self.off_diagonal, self.diagonal = off_diagonal, diagonal
        self.couples_batch = True

    def covariance(self, posterior: Posterior) -> Tensor:
        """Covariance over the batch [D, D], with division by its size."""
        centred = posterior.mean - posterior.mean.mean(0)
        return (centred.unsqueeze(2) * centred.unsqueeze(1)).mean(0)  # no matrix product: autocast would round it

    def regulariser(self, posterior: Posterior, codes: Tensor, step: int) -> tuple[Tensor, Mapping[str, Tensor]]:
        divergence, terms = super().regulariser(posterior, codes, step)
        covariance = self.covariance(posterior)
        variances = covariance.diagonal()
        off_diagonal = covariance.square().sum() - variances.square().sum()
        diagonal = (variances - 1).square().sum()
        penalty = self.off_diagonal * off_diagonal + self.diagonal * diagonal
        return divergence + penalty, {**terms, "off_diagonal": off_diagonal, "diagonal": diagonal}


class DIPVAEII(DIPVAEI):
    """DIP-VAE II: C is the covariance of the codes, the mean posterior variances included."""

    def covariance(self, posterior: Posterior) -> Tensor:
        assert posterior.log_variance is not None
        return super().covariance(posterior) + posterior.log_variance.exp().mean(0).diag()

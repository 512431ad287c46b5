"""beta-VAE. Kingma and Welling (2014, arXiv 1312.6114); Higgins et al. (2017); warm-up as Dapueto et al. (2024, arXiv 2409.18017).

objective = reconstruction + beta(step) * KL, both in nats per observation (sums over pixels and dimensions, mean over the batch).
A descendant changes one of two pieces: weak supervision the posterior, FactorVAE, DIP-VAE, TC and capacity the regulariser. A model
that is built on a VAE adds its own terms to `bound` of the views it explains; players of the VAE other than `model` (a discriminator)
it takes over, and asks `losses` for theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.autoencoder import Autoencoder
from models.likelihoods import Likelihood
from models.model import Losses, Posterior
from models.networks import Network


class VAE(Autoencoder):
    """`beta` weighs the divergence from the prior; it grows linearly from 0 over the first `warm_up_steps` steps."""

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        beta: float = 1.0,
        warm_up_steps: int = 0,
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood)
        if self.network.log_variance is None:
            raise UserError(f"{type(self.network).__name__} gives no variances, which a VAE needs; it serves Autoencoder")
        self.beta = beta
        self.warm_up_steps = warm_up_steps

    def posterior(self, batch: Batch) -> Posterior:
        """Posteriors of all views of a batch, one row per observation [B * V, D]."""
        return self.encode(batch.observations.flatten(0, 1))

    def regulariser(self, posterior: Posterior, codes: Tensor, step: int) -> tuple[Tensor, Mapping[str, Tensor]]:
        """What is added to the reconstruction, and its terms; `codes` are the draws that were decoded."""
        kl = posterior.kl().sum(1).mean()
        weight = self.beta * min(1.0, step / self.warm_up_steps) if self.warm_up_steps else self.beta
        return weight * kl, {"kl": kl}

    def bound(self, posterior: Posterior, codes: Tensor, observations: Tensor, step: int) -> Losses:
        """The objective on `observations` [N, *observation_shape], of their posteriors [N, D] and the codes [N, D] drawn from them."""
        reconstruction = self.reconstruction(codes, observations).mean()
        regulariser, terms = self.regulariser(posterior, codes, step)
        return Losses(
            reconstruction + regulariser,
            {"reconstruction": reconstruction, **terms, "elbo": -(reconstruction + terms["kl"])},
        )

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        posterior = self.posterior(batch)
        return self.bound(posterior, posterior.sample(), batch.observations.flatten(0, 1), step)

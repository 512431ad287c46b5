"""Weakly supervised VAE on pairs that differ in one factor: Ada-GVAE.

Locatello et al. (2020, arXiv 2002.02886); the aggregator `labels` as Dapueto et al. (2024, arXiv 2409.18017).

Both images are encoded. Dimensions taken to be shared get the average of the two posteriors (mean of the means, mean of the
variances); the others keep their own. Which dimensions are shared is what the aggregators decide:

- `labels`: all but dimension j, where j is the factor that was redrawn. It ties dimension j to factor j: the index of the factor is
  the supervision. Every released configuration uses this one.
- `argmax`: those in the lower half of the range of the symmetrised divergences between the two posteriors (adaptive; no labels).

At test time a single image is encoded by the plain encoder. Differs from the released code: `argmax` takes the range of the
divergences per pair, as the paper does, not over the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.likelihoods import Likelihood
from models.model import Posterior
from models.networks import Network
from models.vae import VAE

AGGREGATORS = ("labels", "argmax")


class WeakVAE(VAE):
    """A VAE whose training posterior is averaged over the dimensions that a pair shares. Needs two views, and labels for `labels`."""

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        beta: float = 1.0,
        warm_up_steps: int = 0,
        aggregator: str = "labels",
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood, beta=beta, warm_up_steps=warm_up_steps)
        if aggregator not in AGGREGATORS:
            raise UserError(f"the aggregator of WeakVAE is {' or '.join(AGGREGATORS)}, not {aggregator!r}")
        if spec.views != 2:
            raise UserError(f"WeakVAE learns from pairs, but its batches hold {spec.views} view(s); use WeakPairs")
        if aggregator == "labels" and not spec.actions:
            raise UserError("the aggregator labels needs pairs that tell which factor changed; use WeakPairs with changed = 1, or argmax")
        if aggregator == "labels" and len(spec.actions) > self.latent_dimensions:
            raise UserError(
                f"{len(spec.actions)} factors cannot each have one of {self.latent_dimensions} dimensions; raise latent_dimensions"
            )
        self.aggregator = aggregator

    def posterior(self, batch: Batch) -> Posterior:
        own = super().posterior(batch)
        assert own.log_variance is not None
        means, log_variances = (part.reshape(-1, 2, self.latent_dimensions) for part in (own.mean, own.log_variance))
        keep = self._differing(batch, means, log_variances).unsqueeze(1)
        shared_mean = means.mean(1, keepdim=True)
        shared_log_variance = torch.logsumexp(log_variances, 1, keepdim=True) - torch.log(torch.tensor(2.0))
        return Posterior(
            torch.where(keep, means, shared_mean).flatten(0, 1),
            torch.where(keep, log_variances, shared_log_variance).flatten(0, 1),
        )

    def _differing(self, batch: Batch, means: Tensor, log_variances: Tensor) -> Tensor:
        """Which dimensions keep their own posterior: [B, D] of booleans."""
        if self.aggregator == "labels":
            assert batch.actions is not None
            return F.one_hot(batch.actions[:, 0], self.latent_dimensions).bool()
        divergence = symmetrised_divergence(means, log_variances)
        return divergence > (divergence.amin(1, keepdim=True) + divergence.amax(1, keepdim=True)) / 2


def symmetrised_divergence(means: Tensor, log_variances: Tensor) -> Tensor:
    """Mean of the two directed divergences between the posteriors of a pair, [B, 2, D] -> [B, D], without the factor 1/2 of each."""
    difference = (means[:, 0] - means[:, 1]).square()
    first, second = log_variances.exp().unbind(1)
    return 0.5 * ((first + difference) / second + (second + difference) / first) - 1

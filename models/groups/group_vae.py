"""A VAE whose codes are moved by group elements: what the supervised and the unsupervised one have in common.

Any VAE of the project is the backbone, with its own evidence and regulariser: it explains the first picture of a pair. The elements
carry its code to that of the second, gamma * |z' - mean(x2)|^2, summed over dimensions, mean over the batch. Painter et al. (2020, arXiv
2008.07922).

Both pictures are encoded in one pass, and one is decoded. Parameter groups: `vae`, `elements`, and what a descendant adds; further players
of the backbone (a discriminator) move as they do without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.groups.acting import Acting
from models.groups.elements import GroupElements
from models.groups.prediction import Prediction
from models.model import Losses, Model, Player, Posterior
from models.networks import Network
from models.vae import VAE


@dataclass(frozen=True)
class Pair:
    """Codes of a batch of pairs, [B, D] each: `mean` of the first picture's posterior, `source`, where actions begin, and `target`, the
    mean of the second's."""

    bound: Losses
    mean: Tensor
    source: Tensor
    target: Tensor


class GroupVAE(Acting, Model):
    """Parts: `backbone`, a factory called with the batch specification; `elements`, one called with the number of latent dimensions;
    `prediction`, what it costs to carry a code to the wrong place."""

    def __init__(
        self,
        spec: BatchSpec,
        *,
        backbone: Callable[[BatchSpec], VAE],
        elements: Callable[[int], GroupElements],
        prediction: Prediction,
    ) -> None:
        super().__init__()
        if spec.views != 2:
            raise UserError(
                f"{type(self).__name__} learns from pairs, but its batches hold {spec.views} view(s); use walks.RecordedWalks or "
                "walks.ActionWalks, with ends_only = True for walks of several actions"
            )
        self.backbone = backbone(spec)
        self.elements = elements(self.backbone.latent_dimensions)
        self.prediction = prediction
        self.couples_batch, self.frozen = self.backbone.couples_batch or prediction.relative, self.backbone.frozen
        self.blocks: Mapping[str, slice] = {
            f"pair_{pair}": slice(2 * pair, 2 * pair + 2) for pair in range(self.backbone.latent_dimensions // 2)
        }

    @property
    def network(self) -> Network:
        """The backbone's encoder and decoder."""
        return self.backbone.network

    def groups(self) -> Mapping[str, list[nn.Parameter]]:
        """Parameter groups beside the backbone's."""
        return {"elements": list(self.elements.parameters())}

    def players(self) -> Mapping[str, Player]:
        players = dict(self.backbone.players())
        first, own = next(iter(players.items()))
        return {**players, first: Player({"vae": own.parameters, **self.groups()}, own.own_batch)}

    def check(self, batch: Batch) -> None:
        self.backbone.check(batch)

    def encode(self, observations: Tensor) -> Posterior:
        return self.backbone.encode(observations)

    def decode(self, codes: Tensor) -> Tensor:
        return self.backbone.decode(codes)

    def pair(self, batch: Batch, step: int) -> Pair:
        """The backbone's objective on the first pictures, and the codes between which actions lead."""
        posterior = self.backbone.posterior(batch)
        assert posterior.log_variance is not None
        means, log_variances = (part.view(-1, 2, self.backbone.latent_dimensions) for part in (posterior.mean, posterior.log_variance))
        first = Posterior(means[:, 0], log_variances[:, 0])
        codes = first.sample()
        bound = self.backbone.bound(first, codes, batch.observations[:, 0], step)
        return Pair(bound, first.mean, *self.prediction.ends(first, codes, means[:, 1]))

    def weighed(self, pair: Pair, missed: Tensor, acting: Tensor, idle: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """gamma times the error of a prediction, and what is reported of it.

        `missed` [B, D]: squared distance from the target; `acting` [B, D] and `idle` [D]: what the actions act on (`relative_error`).
        """
        error = self.prediction.error(missed, (pair.source - pair.target).square(), pair.target, acting, idle)
        return self.prediction.gamma * error, {"relative_error": error} if self.prediction.relative else {}

    def whole(self, pair: Pair, prediction: Tensor, cost: Tensor, terms: Mapping[str, Tensor]) -> Losses:
        """The whole objective: `cost` beside the backbone's and the elements'. `prediction`: squared distance from the target, reported."""
        with torch.no_grad():
            nothing = squared_distance(pair.source, pair.target).mean()
        return Losses(
            pair.bound.objective + cost + self.elements.penalty(),
            {**pair.bound.terms, "prediction": prediction, "doing_nothing": nothing, **terms, **self.elements.terms()},
        )


def squared_distance(first: Tensor, second: Tensor) -> Tensor:
    """[..., D] twice -> [...]."""
    return (first - second).square().sum(-1)

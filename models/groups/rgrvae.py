"""RGrVAE: a VAE, group elements, and a policy that guesses which of them lies between two pictures; no action is ever told.

Painter, Hare, Prugel-Bennett (2020, arXiv 2008.07922):
objective = the backbone's on x1 + gamma |z_K - mean(x2)|^2 + the policy's loss - entropy_weight * entropy + the elements' penalty,
with z_0 drawn from the posterior of x1 and z_k+1 = M_a z_k for the k-th action a that is guessed from (what z_k looks like, x2). Where
the prediction's error is relative (see `prediction`), the distances by which actions are guessed are in units of the code's variance.

Differs from the released code: between two actions the policy is shown the expected image, there the logits of it; on request the code
is read off that image again; a softmax of the policy's scores, there (`absolute`) of their absolute values, which leaves a sign without
meaning; gamma is 10 as published, there beta unless it is given. Only what has a loss is decoded. `discovery`, which is not published,
finds the actions before they are learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.groups.discovery import Discovery
from models.groups.elements import GroupElements, moved
from models.groups.estimation import Estimation, Taken, cross_entropy
from models.groups.group_vae import GroupVAE, Pair, squared_distance
from models.groups.prediction import LEAST, PUBLISHED, Prediction
from models.groups.structure import Structure
from models.model import Losses
from models.vae import VAE

MEMORY = 0.99


@dataclass(frozen=True)
class Restarts:
    """Every `every` steps up to `until`, elements that fewer than `least_share` of the pairs were given to lately are drawn anew."""

    every: int
    until: int
    least_share: float = 0.05

    def due(self, step: int) -> bool:
        return 0 < step <= self.until and step % self.every == 0


class RGrVAE(GroupVAE):
    """Parts, beside those of GroupVAE: `policy`, a factory called with the observation shape and the number of actions; `estimation`;
    `discovery`, a factory called with the structure of the elements, or None.

    `action_steps`: actions between the pictures (0: as many as the batches say). `encode_again` reads the code off the decoded image
    between two actions; the actions before it then get no gradient. Actions are never looked at, even where batches reveal them.
    """

    knows_actions = False

    def __init__(
        self,
        spec: BatchSpec,
        *,
        backbone: Callable[[BatchSpec], VAE],
        elements: Callable[[int], GroupElements],
        policy: Callable[[Sequence[int], int], nn.Module],
        estimation: Estimation,
        prediction: Prediction = PUBLISHED,
        entropy_weight: float = 0.01,
        absolute: bool = False,
        action_steps: int = 0,
        encode_again: bool = False,
        discovery: Callable[[Structure], Discovery] | None = None,
        restarts: Restarts | None = None,
    ) -> None:
        super().__init__(spec, backbone=backbone, elements=elements, prediction=prediction)
        if len(self.elements) < 2:
            raise UserError("RGrVAE chooses between actions, and this structure has but one; give it more labels or latent dimensions")
        self.policy = policy(spec.observation_shape, len(self.elements))
        self.estimation, self.restarts = estimation, restarts
        self.entropy_weight, self.absolute = entropy_weight, absolute
        self.action_steps, self.encode_again = action_steps or spec.apart, encode_again
        self.discovery = discovery(self.elements.structure) if discovery is not None else None
        if self.discovery is not None and self.action_steps > 1:
            raise UserError(
                "discovery finds actions between pairs that are one action apart; leave it out (discovery = None) for longer walks"
            )
        self.couples_batch = self.couples_batch or estimation.couples_batch or self.discovery is not None
        self.register_buffer("shares", torch.full((len(self.elements),), 1 / len(self.elements)))
        self.shares: Tensor

    @property
    def action_names(self) -> tuple[str, ...]:
        return self.elements.names

    def groups(self) -> dict[str, list[nn.Parameter]]:
        return {"policy": list(self.policy.parameters()), "elements": list(self.elements.parameters())}

    def action_angles(self) -> Tensor:
        return self.elements.angles()

    def acted(self, codes: Tensor) -> Tensor:
        return moved(self.elements.matrices(), codes)

    def action_probabilities(self, first: Tensor, second: Tensor) -> Tensor:
        return self._log_policy(first, second).exp()

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        if player != "model":
            return self.backbone.losses(batch, step, player)
        if self.training and self.restarts is not None and self.restarts.due(step):
            self._restart(self.restarts.least_share)
        pair = self.pair(batch, step)
        guide = self.discovery if self.discovery is not None and step < self.discovery.end else None
        if guide is not None and self.training:
            guide.remember(pair.mean, pair.target, step)
        if guide is not None and step < guide.begin:
            return self._slow(pair, guide)
        taken, missed = self._walk(pair, batch, step) if guide is None else self._guided(pair, batch, step, guide)
        shares = taken[-1].weights.mean(0)
        if self.training:
            self.shares.mul_(MEMORY).add_((1 - MEMORY) * shares)
        entropy = torch.stack([-(turn.log_policy.exp() * turn.log_policy).sum(1).mean() for turn in taken])
        policy_loss = self.estimation.loss(taken) if guide is None else cross_entropy(taken)
        cost, own = self.weighed(pair, missed, self._acting(taken), self._idle())
        terms = {
            **own,
            "policy_loss": policy_loss,
            "entropy": entropy.mean(),
            "reward": torch.stack([(turn.rewards * turn.weights).sum(1).mean() for turn in taken]).sum(),
            **{f"share_{k}": share for k, share in enumerate(shares)},
        }
        return self.whole(pair, missed.sum(1).mean(), cost + policy_loss - self.entropy_weight * entropy.sum(), terms)

    def _slow(self, pair: Pair, discovery: Discovery) -> Losses:
        """Before actions are looked for: every one of them is as likely as any other, and does nothing."""
        nothing, even = squared_distance(pair.mean, pair.target).mean(), pair.mean.new_full((), 1 / len(self.elements))
        terms = {"policy_loss": even * 0, "entropy": -even.log(), "reward": even * 0}
        shares = {f"share_{k}": even for k in range(len(self.elements))}
        return self.whole(pair, nothing, discovery.slow(pair.mean, pair.target), {**terms, **shares})

    def _guided(self, pair: Pair, batch: Batch, step: int, discovery: Discovery) -> tuple[list[Taken], Tensor]:
        """As `_walk`, with the actions that discovery finds, and elements that are held."""
        if step == discovery.begin and self.training:
            discovery.find(self.elements)
        missed = (moved(self.elements.matrices().detach(), pair.source) - pair.target.unsqueeze(1)).square()
        weights = discovery.weights(pair.mean.detach(), pair.target.detach())
        log_policy = self._log_policy(batch.observations[:, 0], batch.observations[:, 1])
        nothing, distances = self._distances(pair, pair.source, missed)
        taken = Taken(log_policy, nothing.unsqueeze(1) - distances, weights, weights.argmax(1))
        return [taken], (weights.unsqueeze(2) * missed).sum(1)

    def _walk(self, pair: Pair, batch: Batch, step: int) -> tuple[list[Taken], Tensor]:
        """The actions that are guessed, and how far from the target the last of them ends: squares [B, D]."""
        matrices, codes, seen = self.elements.matrices(), pair.source, batch.observations[:, 0]
        taken: list[Taken] = []
        for turn in range(self.action_steps):
            reached = moved(matrices, codes)
            missed = (reached - pair.target.unsqueeze(1)).square()
            nothing, distances = self._distances(pair, codes, missed)
            log_policy = self._log_policy(seen, batch.observations[:, 1])
            taken.append(self.estimation.take(log_policy, nothing, distances, step, turn, self.action_steps))
            if turn < self.action_steps - 1:
                codes = reached[torch.arange(len(codes), device=codes.device), taken[-1].actions]
                with torch.no_grad():
                    seen = self.decode(codes)
                codes = self.encode(seen).mean if self.encode_again else codes
        return taken, (taken[-1].weights.unsqueeze(2) * missed).sum(1)

    @torch.no_grad()
    def _distances(self, pair: Pair, codes: Tensor, missed: Tensor) -> tuple[Tensor, Tensor]:
        """Squared distances from the target, [B] when nothing is done to `codes` and [B, A] of every action, from squares [B, A, D]."""
        nothing = (codes - pair.target).square()
        if self.prediction.relative:
            spread = pair.target.var(0, unbiased=False).clamp_min(LEAST)
            nothing, missed = nothing / spread, missed / spread
        return nothing.sum(1), missed.sum(2)

    def _acting(self, taken: Sequence[Taken]) -> Tensor:
        """How much the actions between two pictures act on every dimension, [B, D]."""
        return torch.stack([turn.weights @ self.elements.acting for turn in taken]).sum(0).clamp_max(1)

    def _idle(self) -> Tensor:
        """The dimensions on which no element acts, or none to which discovery gave an action, [D]."""
        used = self.elements.acting if self.discovery is None else self.elements.acting[self.discovery.places]
        return used.amax(0) == 0

    def _log_policy(self, first: Tensor, second: Tensor) -> Tensor:
        scores = self.policy(first, second).float()
        return (scores.abs() if self.absolute else scores).log_softmax(1)

    @torch.no_grad()
    def _restart(self, least: float) -> None:
        """What is restarted counts as used again, so that pieces of an accumulated batch restart it once."""
        chosen = self.shares < least
        self.elements.restart(chosen)
        self.shares.copy_(torch.where(chosen, 1 / len(self.elements), self.shares))

"""ForwardVAE: one linear map for each action of the data. Caselles-Dupre, Garcia-Ortiz, Filliat (2019, arXiv 1904.00243).

objective = reconstruction / pixels + beta * anneal(step) * |k - C(step)| + mean over dimensions of (A_a z1 - mean(x2))^2, with k = KL / D:
means where other models have sums; anneal is 0.995 ^ step. The capacity C is 0, or grows to `capacity` over `lead_in` steps and stays.
`reconstruction` and `kl` are reported in nats per observation all the same.
Actions of the k-th factor that is moved act on dimensions 2 k and 2 k + 1, and leave the others alone.

Differs from the released code: maps start near the identity (there, `released_start`: all ones, which is singular); the standard
deviation is exp(l / 2) for a log-variance l (there, `released_noise`: exp(l), and l is a log-variance in the divergence alone); only steps
of training anneal, and move the capacity. `squared_divergence` is how Painter et al. (2020) release it: beta * anneal * k * max(k - C, 0),
which is k^2 without a capacity, where C grows by capacity / lead_in at every step without an end. Any number of actions and dimensions
will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.groups.acting import Acting
from models.groups.action_map import elements_of
from models.groups.eigenvalue_angles import turning_angles
from models.groups.elements import moved
from models.groups.prediction import Prediction
from models.groups.structure import Structure
from models.likelihoods import Likelihood
from models.model import Losses, Player, Posterior
from models.networks import Network
from models.schedules import Schedule
from models.vae import VAE

PREDICTED = ("code", "image", "both")
PUBLISHED = Prediction(gamma=1.0)


class ActionMaps(nn.Module):
    """A affine maps of D dimensions; where `confined` (published), map a moves dimensions 2 pairs[a] and the next only, without a bias."""

    def __init__(self, dimensions: int, pairs: Sequence[int], *, noise: float, confined: bool, released_start: bool) -> None:
        super().__init__()
        block = torch.zeros(len(pairs), dimensions, dimensions)
        for action, pair in enumerate(pairs):
            block[action, 2 * pair : 2 * pair + 2, 2 * pair : 2 * pair + 2] = 1
        self.register_buffer("free", block if confined else torch.ones_like(block), persistent=False)
        self.free: Tensor
        self.confined = confined
        start = torch.ones_like(block) if released_start else torch.eye(dimensions) + noise * torch.randn_like(block)
        self.weight = nn.Parameter(torch.where(block > 0, start, torch.eye(dimensions)))
        self.bias = nn.Parameter(torch.zeros(len(pairs), dimensions))

    @property
    def acting(self) -> Tensor:
        """Which map moves which dimension: 1 or 0, [A, D]."""
        return self.free.amax(2)

    def matrices(self) -> Tensor:
        """[A, D, D]."""
        identity = torch.eye(self.free.shape[1], device=self.free.device)
        return self.free * self.weight + (1 - self.free) * identity

    def forward(self, codes: Tensor) -> Tensor:
        """What every map makes of every code, [B, D] -> [B, A, D]."""
        return moved(self.matrices(), codes) + self.bias * (not self.confined)


class ForwardVAE(Acting, VAE):
    """Needs pairs one action apart, which reveal it. It predicts the second "code", the second "image" (cross-entropy) or "both"; what a
    `prediction` costs is its mean over dimensions, times gamma, which weighs that of images too.

    `capacity` is in nats per dimension, reached after `lead_in` steps.
    Parameter groups: `vae`, `elements`. 431,673 parameters with 4 actions on the published network, of which 64 are held where
    maps are `confined`.
    """

    knows_actions = True

    def __init__(
        self,
        spec: BatchSpec,
        *,
        network: Callable[[Sequence[int]], Network],
        likelihood: Callable[[], Likelihood],
        beta: float = 1.0,
        anneal: float = 0.995,
        capacity: float = 0.0,
        lead_in: int = 100_000,
        predicts: str = "code",
        prediction: Prediction = PUBLISHED,
        noise: float = 0.1,
        confined: bool = True,
        released_start: bool = False,
        released_noise: bool = False,
        squared_divergence: bool = False,
    ) -> None:
        super().__init__(spec, network=network, likelihood=likelihood, beta=beta)
        if predicts not in PREDICTED:
            raise UserError(f"ForwardVAE predicts the {', '.join(PREDICTED)}, not {predicts!r}")
        if spec.views != 2 or spec.apart != 1:
            raise UserError("ForwardVAE learns from pairs one action apart; use walks.RecordedWalks or walks.ActionWalks of length 1")
        plain = Structure(self.latent_dimensions, ("c+", "c-"))
        self.actions = spec.actions
        pairs = [plain.pairs[element] for element, _ in elements_of(spec.actions, plain)]
        self.maps = ActionMaps(self.latent_dimensions, pairs, noise=noise, confined=confined, released_start=released_start)
        self.anneal, self.predicts, self.prediction = anneal, predicts, prediction
        self.couples_batch = self.couples_batch or prediction.relative
        self.capacity = Schedule(0.0, capacity, lead_in)
        self.released_noise, self.squared_divergence = released_noise, squared_divergence

    def players(self) -> Mapping[str, Player]:
        vae = [*self.network.parameters(), *self.likelihood.parameters()]
        return {"model": Player({"vae": vae, "elements": list(self.maps.parameters())})}

    def encode(self, observations: Tensor) -> Posterior:
        own = super().encode(observations)
        assert own.log_variance is not None
        return Posterior(own.mean, 2 * own.log_variance) if self.released_noise else own

    def regulariser(self, posterior: Posterior, codes: Tensor, step: int) -> tuple[Tensor, Mapping[str, Tensor]]:
        assert posterior.log_variance is not None
        variance_read = Posterior(posterior.mean, posterior.log_variance / 2) if self.released_noise else posterior
        kl = variance_read.kl().sum(1).mean()
        return self.beta * self.anneal**step * self._beyond_capacity(kl / self.latent_dimensions, step), {"kl": kl}

    def _beyond_capacity(self, mean: Tensor, step: int) -> Tensor:
        if self.squared_divergence:
            return mean * (mean - self.capacity.last * step / self.capacity.end).clamp_min(0)
        return (mean - self.capacity(step)).abs()

    def bound(self, posterior: Posterior, codes: Tensor, observations: Tensor, step: int) -> Losses:
        reconstruction = self.reconstruction(codes, observations).mean()
        regulariser, terms = self.regulariser(posterior, codes, step)
        objective = reconstruction / observations[0].numel() + regulariser
        return Losses(objective, {"reconstruction": reconstruction, **terms, "elbo": -(reconstruction + terms["kl"])})

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        posterior = self.posterior(batch)
        assert posterior.log_variance is not None and batch.actions is not None
        means, log_variances = (part.view(-1, 2, self.latent_dimensions) for part in (posterior.mean, posterior.log_variance))
        first = Posterior(means[:, 0], log_variances[:, 0])
        codes = first.sample()
        bound = self.bound(first, codes, batch.observations[:, 0], step)
        source, target = self.prediction.ends(first, codes, means[:, 1])
        reached = self.maps(source)[torch.arange(len(codes), device=codes.device), batch.actions[:, 0]]
        missed, moves = (reached - target).square(), (source - target).square()
        terms = {**bound.terms, "prediction": missed.mean(), "doing_nothing": moves.detach().mean()}
        wanted = bound.objective.new_zeros(())
        if self.predicts != "image":
            acting = self.maps.acting
            error = self.prediction.error(missed, moves, target, acting[batch.actions[:, 0]], acting.amax(0) == 0)
            wanted = error / self.latent_dimensions
            terms |= {"relative_error": error} if self.prediction.relative else {}
        if self.predicts != "code":
            images = F.binary_cross_entropy_with_logits(self.network.decode(reached), batch.observations[:, 1])
            wanted, terms["image_prediction"] = wanted + images, images
        return Losses(bound.objective + self.prediction.gamma * wanted, {**terms, **self._map_terms()})

    @property
    def action_names(self) -> tuple[str, ...]:
        return self.actions.names

    @torch.no_grad()
    def action_angles(self) -> Tensor:
        return turning_angles(self.maps.matrices())

    def acted(self, codes: Tensor) -> Tensor:
        moved_codes: Tensor = self.maps(codes)
        return moved_codes

    @torch.no_grad()
    def _map_terms(self) -> dict[str, Tensor]:
        matrices = self.maps.matrices()
        angles, determinants = turning_angles(matrices), torch.linalg.det(matrices)
        found = {f"angle_{k}": angle for k, angle in enumerate(angles)}
        return found | {f"determinant_{k}": determinant for k, determinant in enumerate(determinants)}

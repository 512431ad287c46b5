"""A planted linear world for tests: two circles, seen through a fixed linear map, and networks of a few numbers that can learn it."""

import numpy as np
import torch
from torch import nn

from datasets.batches import Observed
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from datasets.walks import ActionWalks
from models.model import Model, Player, Posterior
from models.networks import Network
from tests.toys import MemoryJournal
from training.fit import fit
from training.training import Optimiser, Training

SIZE, STEPS = 12, {"x": 2, "y": 3}


class Circles(FactorAccess):
    """144 observations [128] in 0..1: cosine and sine of x and of y, mixed."""

    name = "circles"
    provenance = "rendered: two circles of the tests"
    observation_shape = (128,)

    def __init__(self) -> None:
        self.factors = GridTable(FactorSpace(("x", "y"), (SIZE, SIZE), ("circular", "circular")))
        self.mixing = np.sqrt(128) / 4 * np.linalg.qr(np.random.default_rng(0).standard_normal((128, 4)))[0]

    def codes(self, indices: np.ndarray) -> np.ndarray:
        angles = self.factors[indices] * (2 * np.pi / SIZE)
        return np.stack([np.cos(angles[..., 0]), np.sin(angles[..., 0]), np.cos(angles[..., 1]), np.sin(angles[..., 1])], -1)

    def observations(self, indices: np.ndarray, rng: np.random.Generator | None) -> torch.Tensor:
        return torch.from_numpy(0.5 + 0.2 * self.codes(indices) @ self.mixing.T).float()


def pairs(length: int = 1, **settings) -> Observed:
    return Observed(Circles(), ActionWalks(STEPS, length, ends_only=True), **settings)


def trained(model, source, steps, journal=None, rate=3e-3, rates=None, **settings):
    """Trains a model with seed 0 from where the journal is, and returns the journal."""
    journal = journal or MemoryJournal()
    players = {name: Optimiser(rate, clip_value=10.0) for name in model.players()}
    players["model"] = Optimiser(rate, learning_rates=rates or {"elements": 0.03}, clip_value=10.0)
    fit(model, source, Training(steps, 64, players, report_every=10, **settings), journal, 0, device=torch.device("cpu"))
    return journal


class Planted(Model):
    """Codes are the two circles themselves, in a basis of their own where one is given."""

    def __init__(self, basis: np.ndarray | None = None) -> None:
        super().__init__()
        unmixing = 5 * (np.eye(4) if basis is None else basis) @ np.linalg.pinv(Circles().mixing)
        self.unmixing = nn.Parameter(torch.from_numpy(unmixing).float())
        self.blocks = {}

    def players(self):
        return {"model": Player({"model": list(self.parameters())})}

    def losses(self, batch, step, player):
        raise NotImplementedError

    def encode(self, observations):
        return Posterior((observations - 0.5) @ self.unmixing.T)

    def decode(self, codes):
        return 0.5 + codes @ torch.linalg.pinv(self.unmixing).T


class LinearNetwork(Network):
    """A linear encoder and decoder."""

    def __init__(self, observation_shape, *, latent_dimensions=4) -> None:
        super().__init__(observation_shape, latent_dimensions)
        self.features = nn.Identity()
        self.mean, self.log_variance = (nn.Linear(observation_shape[0], latent_dimensions) for _ in range(2))
        self.decoder = nn.Linear(latent_dimensions, observation_shape[0])
        nn.init.constant_(self.log_variance.bias, -4.0)


class VectorPolicy(nn.Module):
    """Scores of actions from two vectors; all equal at the start."""

    def __init__(self, observation_shape, actions) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2 * observation_shape[0], 64), nn.ReLU(), nn.Linear(64, actions))
        nn.init.zeros_(self.layers[-1].weight)

    def forward(self, first, second):
        return self.layers(5 * torch.cat([first, second], 1) - 2.5)

"""A tiny world for tests: bright squares on 16x16 images, six positions each way and two textures; and models of two players."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from datasets.batches import Batch, BatchSpec
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from models.model import Losses, Model, Player


class Squares(FactorAccess):
    """72 images 1x16x16: texture 2, x 6, y 6; with `noisy`, noise from the stream of the batch; `broken_after` poisons later draws."""

    name = "squares"
    provenance = "rendered: squares of the tests"
    observation_shape = (1, 16, 16)

    def __init__(self, noisy: bool = False, scale: float = 1.0) -> None:
        self.noisy = noisy
        self.scale = scale
        self.factors = GridTable(FactorSpace(("texture", "x", "y"), (2, 6, 6), ("categorical", "ordinal", "ordinal")))
        images = np.zeros((72, 1, 16, 16), dtype=np.float32)
        for index, (texture, x, y) in enumerate(self.factors[np.arange(72)]):
            images[index, 0, 2 * y : 2 * y + 6, 2 * x : 2 * x + 6] = 1
            if texture:
                images[index, 0, 2 * y + 1 : 2 * y + 5 : 2, 2 * x : 2 * x + 6] = 0
        self.images = images * scale

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        images = self.images[indices]
        if self.noisy:
            images = np.maximum(images, rng.random(images.shape, dtype=np.float32) * (images == 0))
        return torch.from_numpy(images)


class Adversarial(Model):
    """Two linear players with dropout between them: the encoder hides what the critic looks for in a batch of its own."""

    def __init__(self, spec: BatchSpec, *, own_batch: bool = True) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(256, 8), nn.Dropout(0.3), nn.Linear(8, 4))
        self.still = nn.BatchNorm1d(4)
        self.critic = nn.Linear(4, 1)
        self.frozen = (self.still,)
        self.own_batch = own_batch

    def players(self) -> Mapping[str, Player]:
        first, *rest = self.encoder.parameters()
        return {
            "model": Player({"first": [first], "rest": rest}),
            "critic": Player({"critic": list(self.critic.parameters())}, self.own_batch),
        }

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        codes = self.still(self.encoder(batch.observations.flatten(0, 1)))
        guess = self.critic(codes + 0.1 * torch.randn_like(codes)).square().mean()
        return Losses(guess if player == "model" else -guess + codes.square().mean(), {"guess": guess})


class Exploding(Model):
    """A model whose term `fuse` becomes NaN at step 7."""

    def __init__(self, spec: BatchSpec) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))

    def players(self) -> Mapping[str, Player]:
        return {"model": Player({"model": [self.weight]})}

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        fuse = self.weight.square().sum() * (float("nan") if step == 7 else 1.0)
        return Losses(fuse + 1, {"fuse": fuse, "calm": self.weight.sum()})


class MemoryJournal:
    """A journal without files, for the loop alone."""

    def __init__(self) -> None:
        self.state: Mapping | None = None
        self.best: dict[str, Tensor] | None = None
        self.rows: dict[int, dict[str, float]] = {}
        self.best_steps: list[int] = []
        self.warnings: list[str] = []

    def load(self) -> Mapping | None:
        return self.state

    def save(self, state: Mapping) -> None:
        import io

        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        buffer.seek(0)
        self.state = torch.load(buffer, weights_only=True)

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        self.best = {name: value.clone() for name, value in weights.items()}
        self.best_steps.append(max(self.rows, default=0))

    def resume(self, step: int) -> None:
        self.rows = {at: row for at, row in self.rows.items() if at <= step}

    def report(self, step: int, terms: Mapping[str, float]) -> None:
        self.rows[step] = dict(terms)

    def progress(self, step: int, steps: int, objective: float | None) -> None:
        self.progressed = step

    def warn(self, message: str) -> None:
        self.warnings.append(message)

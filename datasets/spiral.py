"""The artificial experiment of Wieser et al. (2020, arXiv 2002.02782): X on a square, Y a noisy spiral that knows X through one number.

x is uniform on [-4, 4]^2, t = 2 x0 + x1 + 0.1 e, y = 0.55 t (cos t, sin t) + 0.2 e, every e an independent standard normal. The
symmetries of Y are the lines of constant 2 x0 + x1.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from datasets.batches import Batch, BatchSpec
from datasets.data_folder import found
from datasets.factor_space import FactorSpace
from datasets.factor_tables import FactorTable, ListedTable
from datasets.factored_dataset import FactorAccess
from foundation.damaged_npz import DAMAGE
from foundation.errors import UserError
from foundation.randomness import stream

TARGETS = FactorSpace(("y0", "y1"), (0, 0), ("continuous", "continuous"))
FACTORS = FactorSpace(("y0", "y1", "t"), (0, 0, 0), ("continuous",) * 3)


def draw(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`size` draws of the law: x [size, 2], y [size, 2], t [size]."""
    x = rng.uniform(-4, 4, (size, 2))
    noise = rng.standard_normal((size, 3))
    t = 2 * x[:, 0] + x[:, 1] + 0.1 * noise[:, 0]
    y = 0.55 * t[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1) + 0.2 * noise[:, 1:]
    return x, y, t


class Spiral:
    """A batch source without end: every step is a fresh draw of the law, and reveals Y."""

    spec = BatchSpec(observation_shape=(2,), targets=TARGETS)

    def draw(self, size: int, rng: np.random.Generator) -> Batch:
        x, y, _ = draw(size, rng)
        return Batch(torch.from_numpy(x[:, None].astype(np.float32)), targets=torch.from_numpy(y[:, None].astype(np.float32)))


class SpiralTestSet(FactorAccess):
    """The 10,000 rows on which models are scored: observations x [2], factors y0, y1 and t.

    The published set where the data folder has `stib/stib_testset.npz` (arrays x, y, t; `root`, else the environment variable
    DISENTANGLEMENT_TRANSFER_DATA), else a fixed draw of our own. With `validation` another fixed draw, to choose weights by.
    """

    observation_shape = (2,)
    rows = 10_000

    def __init__(self, validation: bool = False, root: str | None = None) -> None:
        self.validation = validation
        self._root = root

    @property
    def name(self) -> str:
        return "stib-spiral validation" if self.validation else "stib-spiral"

    @cached_property
    def _published(self) -> Path | None:
        return None if self.validation else found(("stib/stib_testset.npz",), self._root)

    @property
    def provenance(self) -> str:
        return f"published file {self._published}" if self._published else f"drawn from the law: {self.rows:,} rows of our own"

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self._published is None:
            return draw(self.rows, stream(0, "spiral", "validation" if self.validation else "test"))
        try:
            with np.load(self._published, allow_pickle=False) as file:
                x, y, t = (np.asarray(file[name], dtype=np.float64) for name in ("x", "y", "t"))
        except DAMAGE as error:
            raise UserError(f"cannot read {self._published}: {error}; it must hold the arrays x, y and t") from error
        if x.shape != (len(t.ravel()), 2) or y.shape != x.shape:
            raise UserError(f"{self._published} holds x {x.shape}, y {y.shape}, t {t.shape}, which are not rows of 2, 2 and 1 numbers")
        return x, y, t.ravel()

    @cached_property
    def factors(self) -> FactorTable:  # type: ignore[override]  # read when it is first looked at
        _, y, t = self._arrays
        return ListedTable(np.column_stack([y, t]), FACTORS)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        return torch.from_numpy(self._arrays[0][indices].astype(np.float32))

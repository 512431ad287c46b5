"""What a data set is: observations, the factors that made them, and where it came from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

import numpy as np

from datasets.actions import Walk
from datasets.factor_space import FactorSpace
from datasets.factor_tables import FactorTable
from datasets.reopened import Reopened
from foundation.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor


class FactoredDataset(Protocol):
    """N observations with F factors each.

    `name` is the published name; `provenance` one line that says which file was read or that the images were rendered.
    `factors` reads like an array [N, F]; `observation_shape` is (C, H, W) for images, (D,) for vectors; `walk` the actions
    that lead from row to row where the rows were recorded one after another, else None.
    """

    @property
    def name(self) -> str: ...

    @property
    def provenance(self) -> str: ...

    @property
    def factors(self) -> FactorTable: ...

    @property
    def observation_shape(self) -> tuple[int, ...]: ...

    @property
    def factor_space(self) -> FactorSpace: ...

    @property
    def walk(self) -> Walk | None: ...

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """Observations of any shape of indices: [...] -> [..., *observation_shape], float32, images in [0, 1].

        `rng` draws what is not a factor (the noise of a noisy set); a set without noise leaves it alone.
        """


class FactorAccess(Reopened, ABC):
    """Ways into a data set by factors and by index, derived from its table (Painter et al. 2020 ask these of every set)."""

    factors: FactorTable

    @property
    def factor_space(self) -> FactorSpace:
        return self.factors.space

    @property
    def walk(self) -> Walk | None:
        return None

    def generative_factors(self, index: int) -> np.ndarray:
        """Factors [F] of the observation `index`."""
        return self.index_to_latent(index)

    def index_to_latent(self, index: int) -> np.ndarray:
        """Factors [F] of the observation `index`."""
        if not 0 <= index < len(self.factors):
            raise UserError(f"index {index} is outside 0..{len(self.factors) - 1}")
        return self.factors[np.asarray(index)]

    def latent_to_index(self, latents: np.ndarray) -> int:
        """Index of an observation with the factors `latents` [F]. Raises UserError where the combination is missing."""
        index = int(self.factors.index_of(np.asarray(latents)))
        if index < 0:
            values = ", ".join(f"{n}={v}" for n, v in zip(self.factor_space.names, np.asarray(latents), strict=True))
            raise UserError(f"no observation has the factors {values}")
        return index

    @abstractmethod
    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """As in FactoredDataset: what every data set brings itself."""

    def get_img_by_latent(self, latents: np.ndarray, rng: np.random.Generator) -> Tensor:
        """The observation with the factors `latents` [F] -> [*observation_shape]."""
        return self.observations(np.asarray(self.latent_to_index(latents)), rng)

    def sample_latent(self, rng: np.random.Generator) -> np.ndarray:
        """Factors [F] of an observation drawn uniformly."""
        return self.factors[np.asarray(rng.integers(0, len(self.factors)))]

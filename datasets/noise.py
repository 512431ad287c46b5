"""Noise on the pictures of any data set, drawn anew for every observation: Gaussian, salt and pepper, and the released variants.

Factors, actions and walks stay those of the data set. Backgrounds of other pictures stand in `datasets.backgrounds`.

Source: Painter et al. 2020 (arXiv 2008.07922). Differs from the released code: what is called Gaussian and salt and pepper is that
(there uniform noise and salt alone, here under the names of `GaussianRelease` and `SaltRelease`); all observations are noisy, for
every model (there single dSprites stay clean, which spares the baselines); factors are never measured on noisy pictures.
"""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np
import torch
from torch import Tensor

from datasets.actions import Walk
from datasets.factor_tables import FactorTable
from datasets.factored_dataset import FactorAccess, FactoredDataset
from foundation.errors import UserError

WORDS = 2**16


class NoisyDataset(FactorAccess):
    """`dataset` with noise; `shared` gives the observations that are seen together (the last axis of indices [B, V]) the same."""

    kind: str

    def __init__(self, dataset: FactoredDataset, shared: bool = False) -> None:
        self.dataset = dataset
        self.shared = shared
        self.observation_shape = dataset.observation_shape

    @property
    def name(self) -> str:
        return f"noisy-{self.dataset.name}-{self.kind}"

    @property
    def provenance(self) -> str:
        return f"{self.dataset.provenance}; {self.described()}{', shared by observations seen together' if self.shared else ''}"

    @property
    def factors(self) -> FactorTable:  # type: ignore[override]  # those of the data set, read when they are looked at
        return self.dataset.factors

    @property
    def walk(self) -> Walk | None:
        return self.dataset.walk

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., C, H, W] float32 from 0 to 1. `rng` draws what the data set draws, then the noise."""
        images = self.dataset.observations(indices, rng)
        lead = np.shape(indices)
        if self.shared and len(lead) > 1:
            lead = (*lead[:-1], 1)
        return self.disturbed(images, lead, rng).clamp_(0, 1)

    @abstractmethod
    def described(self) -> str:
        """The noise in a few words."""

    @abstractmethod
    def disturbed(self, images: Tensor, lead: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """`images` [..., C, H, W], which may be overwritten, with noise of the shape [*lead, C, H, W]."""


class Gaussian(NoisyDataset):
    """Adds normal noise of a standard `deviation`, independent per pixel and channel; what leaves 0 to 1 is cut."""

    kind = "gaussian"

    def __init__(self, dataset: FactoredDataset, deviation: float = 0.1, shared: bool = False) -> None:
        super().__init__(dataset, shared)
        self.deviation = deviation

    def described(self) -> str:
        return f"Gaussian noise of deviation {self.deviation:g}"

    def disturbed(self, images: Tensor, lead: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        # Three times as fast as the generator of numpy, which gives the seed.
        generator = torch.Generator().manual_seed(int(rng.integers(2**63)))
        return images.add_(torch.randn((*lead, *self.observation_shape), generator=generator), alpha=self.deviation)


class GaussianRelease(NoisyDataset):
    """What the release calls Gaussian: adds uniform noise from 0 to `width`; what exceeds 1 is cut."""

    kind = "gaussian-release"

    def __init__(self, dataset: FactoredDataset, width: float = 0.1, shared: bool = False) -> None:
        super().__init__(dataset, shared)
        self.width = width

    def described(self) -> str:
        return f"uniform noise from 0 to {self.width:g}"

    def disturbed(self, images: Tensor, lead: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        noise = rng.random((*lead, *self.observation_shape), dtype=np.float32)
        return images.add_(torch.from_numpy(noise), alpha=self.width)


class SaltAndPepper(NoisyDataset):
    """A `fraction` of all values, independent per pixel and channel, becomes 1 or 0 with equal probability."""

    kind = "salt-and-pepper"

    def __init__(self, dataset: FactoredDataset, fraction: float = 0.1, shared: bool = False) -> None:
        super().__init__(dataset, shared)
        if not 0 <= fraction <= 1:
            raise UserError(f"the fraction of pixels with salt or pepper lies between 0 and 1, not {fraction:g}")
        self.fraction = fraction

    def described(self) -> str:
        return f"salt and pepper on {self.fraction:g} of all pixels"

    def disturbed(self, images: Tensor, lead: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        words = self._words(lead, rng)
        images.masked_fill_(torch.from_numpy(words < self.fraction * WORDS), 1)
        return images.masked_fill_(torch.from_numpy(words < self.fraction * WORDS / 2), 0)

    def _words(self, lead: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        """Whole numbers below 2^16, uniform: [*lead, C, H, W]. Raw words of the generator, which are the fastest chance there is."""
        shape = (*lead, *self.observation_shape)
        raw = np.asarray(rng.bit_generator.random_raw(-(-math.prod(shape) // 4)))
        return raw.astype("<u8", copy=False).view("<u2")[: math.prod(shape)].reshape(shape)


class SaltRelease(SaltAndPepper):
    """What the release calls salt and pepper: a `fraction` of all values becomes 1."""

    kind = "salt-release"

    def described(self) -> str:
        return f"salt on {self.fraction:g} of all pixels"

    def disturbed(self, images: Tensor, lead: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        return images.masked_fill_(torch.from_numpy(self._words(lead, rng) < self.fraction * WORDS), 1)

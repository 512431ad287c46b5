"""Data sets whose images are rows of one packed store: a batch is one gather and one conversion."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from datasets.factored_dataset import FactorAccess
from datasets.packed_cache import CacheUnwritable, packed_array, stored_array
from foundation.errors import UserError

MOST_IN_MEMORY = 500_000_000
"""Bytes of the largest store that may be kept in memory where the cache folder cannot hold it."""


class PackedImages(FactorAccess):
    """A subclass brings `pack()`: the store [N, C, H, W] uint8, by index. The first read calls it, constructors do not."""

    observation_shape: tuple[int, ...]

    @abstractmethod
    def pack(self) -> np.ndarray:
        """The store, built now or mapped. Raises UserError where the published files are not what they should be."""

    @cached_property
    def images(self) -> np.ndarray:
        """The store [N, C, H, W] uint8."""
        return self.pack()

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., C, H, W] float32. `rng` is left alone. The first call unpacks the published files, once for all runs."""
        return gathered(self.images, indices)


def gathered(store: np.ndarray, indices: np.ndarray) -> Tensor:
    """The rows `indices` [...] of a store [N, C, H, W] uint8 as images [..., C, H, W] float32 from 0 to 1."""
    indices = np.asarray(indices)
    rows = torch.from_numpy(store[indices.ravel()])
    return rows.to(torch.float32).div_(255).view(*indices.shape, *store.shape[1:])


def large_store(name: str, made_from: str, shape: tuple[int, ...], fill: Callable[[np.ndarray], None]) -> np.ndarray:
    """As `packed_array`, but an array that is too large for the memory of a process needs the cache folder.

    Raises UserError where the folder has no room for it.
    """
    size = math.prod(shape)
    if size <= MOST_IN_MEMORY:
        return packed_array(name, made_from, shape, fill)
    try:
        return stored_array(name, made_from, shape, fill)
    except CacheUnwritable as reason:
        raise UserError(f"{name} takes {size / 1e9:.1f} GB, once; {reason}; set FOVEA_CACHE to a folder with room") from reason

"""Your own images and factors as a data set: arrays in memory, or an npz file that holds them.

    images = np.load("images.npy")                      # [N, H, W], [N, H, W, C] or [N, C, H, W]
    labels = np.load("labels.npy")                      # [N, F]
    dataset = ArrayDataset(images, labels, names=("digit", "tilt"), kinds=("categorical", "ordinal"))

Combinations of factors may be missing or occur more than once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import ListedTable
from datasets.factored_dataset import FactorAccess
from datasets.own_arrays import read_arrays, words
from foundation.errors import UserError

MOST_CHANNELS = 4


class ArrayDataset(FactorAccess):
    """`images` are uint8 from 0 to 255, or floats from 0 to 1; an axis of at most 4 after the first or at the end is the channels.

    `factors` [N, F]: columns of whole numbers from 0 are classes as they are, other columns are numbered by rank (0.75, 1.0 ->
    0, 1), and columns of kind `continuous` keep their values. `kinds` are ordinal unless given.
    Observations are [C, H, W] float32 from 0 to 1. Raises UserError for shapes, types and values that do not fit.
    """

    def __init__(
        self, images: np.ndarray, factors: np.ndarray, names: Sequence[str], kinds: Sequence[str] = (), name: str = "own images"
    ) -> None:
        self.name = name
        self.provenance = f"arrays of {len(images)} images"
        self._images = _channels_first(images, name)
        self.observation_shape = tuple(self._images.shape[1:])
        factors = np.asarray(factors)
        if factors.ndim != 2 or len(factors) != len(images) or not np.issubdtype(factors.dtype, np.number):
            raise UserError(f"{name}: factors must be numbers [{len(images)}, F], not {factors.dtype} {list(factors.shape)}")
        if len(names) != factors.shape[1]:
            raise UserError(f"{name}: {factors.shape[1]} columns of factors need as many names, not {', '.join(names) or 'none'}")
        if not np.isfinite(factors).all():
            raise UserError(f"{name}: factors hold values that are not finite")
        kinds = tuple(kinds) or ("ordinal",) * len(names)
        if len(kinds) != len(names):
            raise UserError(f"{name}: {len(names)} factors need as many kinds, not {len(kinds)}")
        columns = [column if kind == "continuous" else classes(column) for column, kind in zip(factors.T, kinds, strict=True)]
        sizes = [0 if kind == "continuous" else int(column.max()) + 1 for column, kind in zip(columns, kinds, strict=True)]
        self.factors = ListedTable(np.stack(columns, axis=1), FactorSpace(tuple(names), tuple(sizes), kinds))

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., C, H, W] float32. `rng` is left alone."""
        indices = np.asarray(indices)
        images = torch.from_numpy(np.ascontiguousarray(self._images[indices.ravel()]))
        scaled = images.to(torch.float32).div_(255) if images.dtype == torch.uint8 else images
        return scaled.view(*indices.shape, *self.observation_shape)


def from_npz(path: str, names: Sequence[str] = (), kinds: Sequence[str] = ()) -> ArrayDataset:
    """The data set of an npz file with `images`, `factors`, and, unless given here, `names` and `kinds` (arrays of text).

    Nothing is unpickled. Raises UserError for a file that cannot be read or lacks an array.
    """
    arrays = read_arrays(path, ("images", "factors") if names else ("images", "factors", "names"), ("kinds",))
    names, kinds = tuple(names) or words(arrays["names"]), tuple(kinds) or words(arrays.get("kinds", np.empty(0, str)))
    dataset = ArrayDataset(arrays["images"], arrays["factors"], names, kinds, name=Path(path).stem)
    dataset.provenance = f"file {path}"
    return dataset


def _channels_first(images: np.ndarray, name: str) -> np.ndarray:
    """[N, C, H, W] uint8 or float32, checked."""
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[3] <= MOST_CHANNELS:
        images = images.transpose(0, 3, 1, 2)
    if images.ndim != 4 or not 1 <= images.shape[1] <= MOST_CHANNELS or 0 in images.shape:
        raise UserError(f"{name}: images must be [N, H, W], [N, H, W, C] or [N, C, H, W] with C at most 4, not {list(images.shape)}")
    if images.dtype == np.uint8:
        if images.max() <= 1:
            raise UserError(f"{name}: images of bytes go from 0 to 255, these hold only 0 and 1; multiply them by 255")
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise UserError(f"{name}: images must be uint8 (0 to 255) or floats (0 to 1), not {images.dtype}")
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):
        raise UserError(f"{name}: images of floats must lie between 0 and 1, these lie between {low:g} and {high:g}")
    return images.astype(np.float32, copy=False)


def classes(column: np.ndarray) -> np.ndarray:
    """Whole numbers from 0 as they are, other values by rank: [N] int64."""
    whole = column.astype(np.int64)
    if np.array_equal(whole, column) and whole.min() >= 0:
        return whole
    return np.unique(column, return_inverse=True)[1].astype(np.int64)

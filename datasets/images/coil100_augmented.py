"""COIL-100 augmented, and its binary edition (Dapueto et al. 2024, arXiv 2409.18017): every photograph turned and zoomed.

The 1,166,400 images are made from the 7,200 photographs when they are asked for, pixel for pixel those of the released files.

Differs from the released code: it reads a file an image by a table that lists 7,200 of them; here the factors come from the
names of the files. Masks keep their 64x64 pixels and have three equal channels (there the loader fails at one channel, and
says 128).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from datasets.factor_tables import GridTable
from datasets.image_files import packed_pictures
from datasets.images.coil100 import halved
from datasets.images.coil100_augmentation import ROTATIONS, SCALES, augmented_halves, gathered_pixels
from datasets.images.coil100_files import (
    MASK_SIZE,
    augmented_files,
    listed_photographs,
    masks,
    photo_words,
    place_of_augmented,
    place_of_photographs,
    read_mask,
    read_words,
)
from datasets.packed_images import PackedImages, gathered, large_store
from foundation.errors import UserError
from foundation.progress import progress

_KINDS = len(ROTATIONS) * len(SCALES)
_PACKED_ROWS = 8 * _KINDS


class Coil100Augmented(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1; `binary` shows masks, 0 or 1 in three equal channels.

    Photographs are turned and zoomed at 128x128 and then halved (antialiased bilinear), masks are 64x64 themselves. `packed`
    does this once for all images and keeps them in 256 levels (14 GB in the cache folder), from which batches are several
    times faster. `published` reads the files of the augmented folder instead, into the same store (masks 4.8 GB).
    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where there are no photographs, or no augmented folder where it is asked for.
    """

    observation_shape = (3, 64, 64)

    def __init__(self, binary: bool = False, packed: bool = False, published: bool = False, root: str | None = None) -> None:
        self.name = "coil100_augmented_binary" if binary else "coil100_augmented"
        if packed and binary:
            raise UserError(f"{self.name} is made as fast as it could be read: leave packed out")
        self._binary, self._packed, self._published = binary, packed, published
        first = place_of_augmented(self.name, root, binary) if published else place_of_photographs(self.name, root)
        self._photographs = listed_photographs(first)
        self.factors = GridTable(self._photographs.space(augmented=True))
        self.provenance = f"published file {first.parent}"

    def pack(self) -> np.ndarray:
        """Rows of one pixel each where images are made when they are asked for, else all images."""
        if self._published:
            return self._read_all()
        pictures = masks(self._photographs) if self._binary else photo_words(self._photographs)
        return self._made_all(pictures) if self._packed else pictures

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone. The first call unpacks the photographs, once for all runs."""
        indices = np.asarray(indices)
        if self._published or self._packed:
            images = gathered(self.images, indices.ravel())
        else:
            rows, kinds = np.divmod(indices.ravel(), _KINDS)
            if self._binary:
                masks_ = torch.from_numpy(gathered_pixels(self.images, rows, kinds)).to(torch.float32).div_(255)
                images = masks_.view(-1, 1, MASK_SIZE, MASK_SIZE)
            else:
                images = augmented_halves(self.images, rows, kinds)
        return images.expand(-1, 3, -1, -1).contiguous().view(*indices.shape, *self.observation_shape)

    def _read_all(self) -> np.ndarray:
        def decode(path: Path) -> np.ndarray:
            return read_mask(path)[None] if self._binary else halved(read_words(path))

        folder, shape = self._photographs.folder, (1 if self._binary else 3, *self.observation_shape[1:])
        return packed_pictures(self.name, folder, augmented_files(self._photographs), shape, "masks" if self._binary else "halved", decode)

    def _made_all(self, photos: np.ndarray) -> np.ndarray:
        def fill(target: np.ndarray) -> None:
            with progress(f"{self.name} is packed once", len(target), "image") as advance:
                for start in range(0, len(target), _PACKED_ROWS):
                    rows, kinds = np.divmod(np.arange(start, min(start + _PACKED_ROWS, len(target))), _KINDS)
                    target[start : start + len(rows)] = np.rint(augmented_halves(photos, rows, kinds).numpy() * 255)
                    advance(len(rows))

        return large_store(f"{self.name}-made", self._photographs.identity(), (len(self.factors), *self.observation_shape), fill)

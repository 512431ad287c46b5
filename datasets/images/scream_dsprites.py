"""scream-dsprites (Locatello et al. 2019, arXiv 1811.12359): sprites that invert a patch of Munch's painting, drawn anew each time.

Differs from the released code: the last row and the last column of patches are drawn too; the painting is shrunk by Pillow of
today, whose pixels may differ by a level from those of 2018.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from datasets.data_folder import published_path
from datasets.factored_dataset import FactorAccess
from datasets.image_files import read_picture
from datasets.images.dsprites import DSprites
from foundation.errors import UserError

PLACES = ("scream/scream.jpg",)
MOST_WIDTH, MOST_HEIGHT = 350, 274
"""The painting is shrunk to fit into these."""
SIZE = 64


class ScreamDSprites(FactorAccess):
    """Observations are [3, 64, 64] from 0 to 1: (patch + colour) / 2, and 1 minus that on the sprite.

    Patch and colour (red, green and blue uniform from 0 to 1) are drawn for every observation. `root` is the folder of the
    published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA). Raises UserError where there is no
    painting, and for a damaged one when it is read.
    """

    name = "scream-dsprites"
    observation_shape = (3, SIZE, SIZE)

    def __init__(self, root: str | None = None) -> None:
        self._path = published_path(self.name, PLACES, root)
        self._sprites = DSprites(root=root)
        self.factors = self._sprites.factors

    @cached_property
    def provenance(self) -> str:
        return f"{self._sprites.provenance}; painting {self._path}, its patches drawn"

    @cached_property
    def _painting(self) -> np.ndarray:
        return shrunk_painting(read_picture(self._path, self.name))

    @property
    def patches(self) -> np.ndarray:
        """Every patch of the painting, a view: [rows, columns, 3, 64, 64] uint8. The first look reads the file."""
        if min(self._painting.shape[:2]) < SIZE:
            raise UserError(f"{self.name}: {self._path} is too small or too narrow for patches of {SIZE} pixels; fetch it again")
        return np.lib.stride_tricks.sliding_window_view(self._painting, (SIZE, SIZE), axis=(0, 1))

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` draws the patches, then the colours."""
        indices = np.asarray(indices)
        patches = self.patches
        rows, columns = (rng.integers(0, count, indices.size) for count in patches.shape[:2])
        colours = torch.from_numpy(rng.random((indices.size, 3, 1, 1), dtype=np.float32))
        background = torch.from_numpy(np.ascontiguousarray(patches[rows, columns])).to(torch.float32).div_(255).add_(colours).div_(2)
        sprites = self._sprites.observations(indices.ravel(), rng)
        return torch.where(sprites > 0, 1 - background, background).view(*indices.shape, *self.observation_shape)


def shrunk_painting(picture: Image.Image) -> np.ndarray:
    """The picture, its proportions kept, within 350x274: [H, W, 3] uint8."""
    picture.thumbnail((MOST_WIDTH, MOST_HEIGHT), Image.Resampling.BICUBIC, reducing_gap=None)
    return np.asarray(picture)


def check(root: str | None) -> list[str]:
    """What differs from the published painting, a line each. Raises UserError where there is none."""
    path = published_path(ScreamDSprites.name, PLACES, root)
    try:
        painting = shrunk_painting(read_picture(path, ScreamDSprites.name))
    except UserError as error:
        return [str(error)]
    differences = [] if min(painting.shape[:2]) >= SIZE else [f"{path} is too small or too narrow for patches of {SIZE} pixels"]
    return differences + ([] if painting.std() > 1 else [f"{path} shows nothing: all its pixels are equal"])

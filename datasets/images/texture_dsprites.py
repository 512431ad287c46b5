"""Texture-dSprites (Dapueto et al. 2025, arXiv 2506.20649): coloured sprites that show a Brodatz texture, on black.

The 25,804,800 images are put together when they are asked for: a sprite is enlarged to 224x224 (bilinear), multiplied by a
texture, and coloured. The sprites are those of the published dSprites where they are there, else rendered; the textures are
five pictures of the Normalized Brodatz collection (Abdelmounaime and Dong-Chen 2013).

Differs from the released code: the files lie in the one data folder of all sets; images may be resized to 64x64.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from datasets.data_folder import published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from datasets.image_files import read_picture
from datasets.images import dsprites_file
from datasets.images.dsprites import PALETTES, DSprites
from foundation.errors import UserError

TEXTURES = ("D11", "D40", "D23", "D109", "D102")
SIZE = 224
_MARGIN = 20
_FOLDER = "texture/Normalized_Brodatz"
_PICTURES_AT_A_TIME = 16


class TextureDSprites(FactorAccess):
    """Observations are [3, size, size] from 0 to 1: 224x224 as published, or these resized (antialiased bilinear), to 64 say.

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA). Raises
    UserError where it has no textures, and for a damaged file when it is read.
    """

    name = "texture-dsprites"

    def __init__(self, size: int = SIZE, root: str | None = None) -> None:
        if not 1 <= size <= SIZE:
            raise UserError(f"{self.name}: images can be 1 to {SIZE} pixels wide, not {size}")
        self._folder = published_path(self.name, [f"{_FOLDER}/{TEXTURES[0]}.tif"], root).parent
        self._sprites = DSprites(root=root)
        self._palette = torch.from_numpy((np.array(PALETTES["husl"]) * 255).astype(np.uint8)).to(torch.float32).div_(255)
        self.observation_shape = (3, size, size)
        names = ("Texture", "Color", "Shape", "Scale", "Orientation", "PosX", "PosY")
        sizes = (len(TEXTURES), len(self._palette), *dsprites_file.FRAME_SPACE.sizes[1:])
        self.factors = GridTable(FactorSpace(names, sizes, ("categorical", "categorical", *dsprites_file.FRAME_SPACE.kinds[1:])))

    @cached_property
    def provenance(self) -> str:
        return f"{self._sprites.provenance}; textures {self._folder}"

    @cached_property
    def textures(self) -> Tensor:
        """[5, 224, 224] float32 from 0 to 1."""
        return torch.from_numpy(np.stack([_texture(self._folder / f"{name}.tif") for name in TEXTURES]))

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, size, size] float32. `rng` is left alone."""
        indices = np.asarray(indices)
        texture, rest = np.divmod(indices.ravel(), len(self._palette) * dsprites_file.rows())
        colour, frame = np.divmod(rest, dsprites_file.rows())
        images = torch.empty(len(frame), *self.observation_shape)
        # Colour is a factor of the whole picture: enlarging, texture and resizing are done once, not for three channels.
        for start in range(0, len(frame), _PICTURES_AT_A_TIME):
            some = slice(start, start + _PICTURES_AT_A_TIME)
            sprites = interpolate(self._sprites.observations(frame[some], rng), (SIZE, SIZE), mode="bilinear", antialias=True)
            textured = sprites.mul_(self.textures[torch.from_numpy(texture[some])][:, None])
            if self.observation_shape[1] != SIZE:
                textured = interpolate(textured, self.observation_shape[1:], mode="bilinear", antialias=True)
            torch.mul(textured, self._palette[torch.from_numpy(colour[some])][:, :, None, None], out=images[some])
        return images.view(*indices.shape, *self.observation_shape)


def _texture(path: Path) -> np.ndarray:
    """Rows and columns 20 to 243 of a grey picture: [224, 224] float32 from 0 to 1. Raises UserError for one too small."""
    levels = np.asarray(read_picture(path, TextureDSprites.name, "L"))
    if min(levels.shape) < _MARGIN + SIZE:
        raise UserError(
            f"{TextureDSprites.name}: {path} is {levels.shape[1]}x{levels.shape[0]}, less than {_MARGIN + SIZE} pixels; fetch it again"
        )
    return (levels[_MARGIN : _MARGIN + SIZE, _MARGIN : _MARGIN + SIZE] / 255).astype(np.float32)


def check(root: str | None) -> list[str]:
    """What differs from the published textures, a line each. Raises UserError where there are none."""
    folder = published_path(TextureDSprites.name, [f"{_FOLDER}/{TEXTURES[0]}.tif"], root).parent
    differences = []
    for name in TEXTURES:
        try:
            texture = _texture(folder / f"{name}.tif")
        except UserError as error:
            differences.append(str(error))
        else:
            if texture.std() < 1 / 255:
                differences.append(f"{folder / name}.tif shows nothing: all its pixels are equal")
    return differences

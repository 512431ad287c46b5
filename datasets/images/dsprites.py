"""dSprites (Matthey et al. 2017) and the coloured and noisy sets made from it (Dapueto et al. 2024, arXiv 2409.18017).

All five sets share one store of 737,280 frames of one bit per pixel (377 MB, memory-mapped). Colour is a factor and is applied
to a batch when it is asked for; noise is drawn for a batch and never stored.

Differs from the released code: an index is taken apart by division, so that all combinations occur (the released arithmetic
reaches one in three); the noise of noisy-dsprites-color lies on the background like that of noisy-dsprites (there a negative
number is cast to unsigned); noise has all 256 levels (there 255 is never reached).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from datasets.images import dsprites_file, dsprites_renderer
from datasets.packed_cache import packed_array
from foundation.errors import UserError

PALETTES: dict[str, tuple[tuple[float, ...], ...]] = {
    "grey": ((1.0,),),
    "white": ((1.0, 1.0, 1.0),),
    "husl": (
        (1.0, 1.0, 1.0),
        (0.9096, 0.5883, 0.3658),
        (0.6350, 0.6928, 0.3627),
        (0.3765, 0.7284, 0.5963),
        (0.3955, 0.7074, 0.7875),
        (0.6965, 0.6221, 0.8997),
        (0.9082, 0.5511, 0.7494),
    ),
}
"""Colours of the sprite, from 0 to 1: one channel; three equal channels; white and six hues of one lightness."""

NAMES = {
    ("grey", False): "dsprites",
    ("grey", True): "noisy-dsprites-grey",
    ("white", False): "dsprites-color-white",
    ("white", True): "noisy-dsprites",
    ("husl", False): "dsprites-color",
    ("husl", True): "noisy-dsprites-color",
}


class DSprites(FactorAccess):
    """Sprites on black, or on noise that is drawn anew for every observation.

    `colours` names a palette of PALETTES; `noise` puts uniform 8-bit noise, independent per pixel and channel, on the
    background and leaves the sprite alone. `root` is the folder of the published files (default: the environment variable
    DISENTANGLEMENT_TRANSFER_DATA); where it has no dSprites, or is empty, the frames are rendered.
    Observations are [C, 64, 64] from 0 to 1. Raises UserError for an unknown palette, and for a damaged file when it is read.
    """

    def __init__(self, colours: str = "grey", noise: bool = False, root: str | None = None) -> None:
        if colours not in PALETTES:
            raise UserError(f"dSprites has no palette {colours!r}; palettes are {', '.join(PALETTES)}")
        self.name = NAMES[colours, noise]
        self.noise = noise
        self._palette = torch.tensor(PALETTES[colours])
        self.observation_shape = (self._palette.shape[1], dsprites_renderer.SIZE, dsprites_renderer.SIZE)
        space = dsprites_file.FRAME_SPACE
        self.factors = GridTable(FactorSpace(space.names, (len(self._palette), *space.sizes[1:]), space.kinds))
        self._root = root

    @cached_property
    def provenance(self) -> str:
        published = dsprites_file.find(self._root)
        return f"published file {published}" if published else f"rendered: dSprites outlines, version {dsprites_renderer.VERSION}"

    @cached_property
    def frames(self) -> np.ndarray:
        """The store of frames [737280, 512] uint8. The first look reads the published file or renders (about a second)."""
        published = dsprites_file.find(self._root)
        shape = (dsprites_file.rows(), dsprites_renderer.SIZE**2 // 8)
        if published:
            identity = dsprites_file.identity(published)
            return packed_array("dsprites", identity, shape, lambda frames: dsprites_file.read(published, frames))
        identity = f"rendered, version {dsprites_renderer.VERSION}"
        return packed_array("dsprites", identity, shape, dsprites_renderer.render_all)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., C, 64, 64] float32. `rng` draws the noise."""
        indices = np.asarray(indices)
        colour, frame = np.divmod(indices.ravel(), dsprites_file.rows())
        bits = torch.from_numpy(np.unpackbits(self.frames[frame], axis=1)).view(len(frame), 1, *self.observation_shape[1:])
        colours = self._palette[torch.from_numpy(colour)][:, :, None, None]
        if self.noise:
            images = _background_noise(bits, self.observation_shape[0], rng).addcmul_(bits.to(torch.float32), colours)
        else:
            images = bits.to(torch.float32) * colours
        return images.view(*indices.shape, *self.observation_shape)


def _background_noise(bits: Tensor, channels: int, rng: np.random.Generator) -> Tensor:
    """Uniform levels k / 255 where `bits` [B, 1, 64, 64] is 0, and 0 where it is 1: [B, channels, 64, 64] float32."""
    # Raw words of the generator are uniform bytes already: three times as fast as asking for integers below 256.
    words = np.asarray(rng.bit_generator.random_raw(bits.numel() * channels // 8))
    levels = torch.from_numpy(words.astype("<u8", copy=False).view(np.uint8)).view(len(bits), channels, *bits.shape[2:])
    return levels.mul_(1 - bits).to(torch.float32).div_(255)

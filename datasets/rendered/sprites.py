"""Drawn characters in the place of Sprites (Li and Mandt 2018, arXiv 1803.02991): who they are and how they move.

840 characters (body 7, shirt 4, pants 5, hair 6) in nine motions (walk, spellcast and slash, each to the left, front and right) of eight
frames, as in the edition that VDSM reads (Vowels et al. 2021, arXiv 2103.07292). The fifth kind of pants is a skirt.

Differs from the published pictures: these are put together from ellipses and bars; all nine motions are what they are called (there
slash is cut one row too low). The dyed layers of 144 poses, with pants and with the skirt, make all 60,480 images: 41 MB instead of 743.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from datasets.packed_cache import packed_array
from datasets.rendered.sprite_canvas import SIZE
from datasets.rendered.sprite_figures import figure
from datasets.rendered.sprite_poses import FRAMES
from datasets.sequences.sequence_dataset import Sequences, by_frame

VERSION = 1
"""To be raised whenever any image changes: stored layers carry it."""

BODIES = ((255, 220, 185), (150, 98, 62), (104, 64, 42), (126, 148, 196), (96, 148, 92), (224, 172, 116), (196, 134, 84))
"""Light, dark, darker, blue, green, tanned and more tanned."""
SHIRTS = ((140, 88, 44), (20, 150, 150), (150, 24, 52), (238, 238, 232))
"""Brown, teal, maroon, white."""
PANTS = ((206, 40, 160), (206, 44, 40), (24, 128, 132), (228, 228, 224), (150, 104, 60))
"""Magenta, red, teal, white, and the brown skirt."""
HAIRS = ((60, 176, 76), (62, 96, 220), (248, 132, 190), (62, 56, 78), (236, 236, 240), (206, 164, 84))
"""Green, blue, pink, raven, white, dark blonde."""
SKIRT = 4
DYES = (BODIES, SHIRTS, PANTS, HAIRS)
FIRST_LAYER = (1, 8, 12, 17)
LAYERS = 23
"""Layers of a pose: all that is not dyed, then every part in every one of its colours; and the first layer of each part."""

SPACE = FactorSpace(
    names=("body", "shirt", "pants", "hair", "action", "direction", "frame"),
    sizes=(len(BODIES), len(SHIRTS), len(PANTS), len(HAIRS), 3, 3, FRAMES),
    kinds=("categorical",) * 6 + ("ordinal",),
)


class RenderedSprites(FactorAccess):
    """7,560 sequences of 8 frames [3, 64, 64] from 0 to 1."""

    name = "rendered-sprites"
    provenance = f"rendered: figures in the place of Sprites, version {VERSION}"
    observation_shape = (3, SIZE, SIZE)

    def __init__(self) -> None:
        self.factors = GridTable(SPACE)

    @cached_property
    def sequences(self) -> Sequences:
        return by_frame(self.factors)

    @cached_property
    def _layers(self) -> np.ndarray:
        """Dyed layers of all poses, with pants and then with the skirt: [2 * 72, 23, 3 * 4096] uint8. Drawn once, in some seconds."""
        shape = (2 * 9 * FRAMES, LAYERS, 3 * SIZE * SIZE)
        return packed_array("sprites-layers", f"rendered, version {VERSION}", shape, _draw_all)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone."""
        indices = np.asarray(indices)
        *dyes, action, direction, frame = self.factors[indices.ravel()].T
        pose = (((dyes[2] == SKIRT) * 3 + action) * 3 + direction) * FRAMES + frame
        rows = self._layers.reshape(-1, self._layers.shape[2])
        images = rows[pose * LAYERS]
        for first, dye in zip(FIRST_LAYER, dyes, strict=True):
            images += rows[pose * LAYERS + first + dye]
        return torch.from_numpy(images).to(torch.float32).div_(255).view(*indices.shape, *self.observation_shape)


def _draw_all(layers: np.ndarray) -> None:
    grid = layers.reshape(2, 3, 3, FRAMES, LAYERS, 3, SIZE, SIZE)
    colours = np.array([colour for dyes in DYES for colour in dyes]) / 255
    parts = np.repeat(np.arange(len(DYES)), [len(dyes) for dyes in DYES])
    for skirt, action, direction, frame in np.ndindex(grid.shape[:4]):
        drawn = figure(action, direction, frame, bool(skirt))
        pose = grid[skirt, action, direction, frame]
        # Rounded down, so that the layers of a picture add up to 255 at most.
        pose[0] = drawn[len(DYES) :]
        pose[1:] = drawn[parts, None] * colours[:, :, None, None]

"""A rendered robot arm in a kitchen in the place of Isaac3D (Nie et al. 2020, arXiv 2003.03461): 737,280 images.

They are put together from 3,840 pictures of the kitchen and the layers of 11,520 objects, 71 MB in all; the intensity of the light
is a factor of all levels.

Differs from the published set: the scene is a simpler one.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from datasets.factor_tables import GridTable
from datasets.images.isaac3d import SPACE
from datasets.packed_cache import packed_array
from datasets.packed_images import PackedImages
from datasets.rendered import isaac3d_scene
from datasets.rendered.isaac3d_scene import COLOURS, DIRECTIONS, HEIGHTS, INTENSITIES, SCALES, SHAPES, WALLS, WINDOW, X_MOVES, Y_MOVES
from datasets.rendered.pasting import SIZE, paste
from foundation.progress import progress

_PICTURES = DIRECTIONS * len(WALLS) * 3 * SIZE**2
_LAYERS = SHAPES * SCALES * DIRECTIONS * 2 * WINDOW**2


class RenderedIsaac3D(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1."""

    name = "rendered-isaac3d"
    provenance = f"rendered: arm in the place of Isaac3D, version {isaac3d_scene.VERSION}"
    observation_shape = (3, SIZE, SIZE)

    def __init__(self) -> None:
        self.factors = GridTable(SPACE)

    def pack(self) -> np.ndarray:
        """For every height of the camera, x-move and y-move, the last fastest: the kitchen by light and wall, then all objects."""
        shape = (HEIGHTS * X_MOVES * Y_MOVES, _PICTURES + _LAYERS)
        return packed_array("rendered-isaac3d", f"version {isaac3d_scene.VERSION}", shape, _fill)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone. The first call renders the layers, in half a minute."""
        indices = np.asarray(indices)
        shape, x_move, y_move, height, scale, intensity, direction, colour, wall = self.factors[indices.ravel()].T
        place = (height * X_MOVES + x_move) * Y_MOVES + y_move
        pictures, layers = _parted(self.images)
        images = pictures[place, direction, wall]
        paste(images, isaac3d_scene.starts()[height, x_move, y_move], layers[place, shape, scale, direction], COLOURS[colour])
        gains = torch.from_numpy((INTENSITIES / 255)[intensity].astype(np.float32))[:, None, None]
        return torch.from_numpy(images).to(torch.float32).mul_(gains).view(*indices.shape, *self.observation_shape)


def _parted(store: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The store as pictures [N, 6, 4, 3, 4096] and layers [N, 3, 4, 6, 2, 1024]."""
    pictures = store[:, :_PICTURES].reshape(-1, DIRECTIONS, len(WALLS), 3, SIZE**2)
    return pictures, store[:, _PICTURES:].reshape(-1, SHAPES, SCALES, DIRECTIONS, 2, WINDOW**2)


def _fill(store: np.ndarray) -> None:
    pictures, layers = _parted(store)
    with progress("rendered-isaac3d is rendered once", len(store), "place") as advance:
        for row, place in enumerate(np.ndindex(HEIGHTS, X_MOVES, Y_MOVES)):
            pictures[row], layers[row] = isaac3d_scene.render_place(*place)
            advance(1)

"""A rendered robot arm with an object in the place of MPI3D toy (Gondal et al. 2019, arXiv 1906.03292): 1,036,800 images.

They are put together from 14,400 pictures of the arm and the layers of 57,600 objects, 243 MB in all.

Differs from the published set: the scene is a simpler one, and no arm throws a shadow.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.images.mpi3d import FULL, KINDS, NAMES
from datasets.packed_cache import packed_array
from datasets.packed_images import PackedImages
from datasets.rendered import mpi3d_scene
from datasets.rendered.mpi3d_scene import BACKGROUNDS, COLOURS, HEIGHTS, LIFTS, SHAPES, SIZES, TURNS, WINDOW
from datasets.rendered.pasting import SIZE, paste
from foundation.progress import progress

_PICTURES = len(BACKGROUNDS) * 3 * SIZE**2
_LAYERS = SHAPES * SIZES * 2 * WINDOW**2


class RenderedMPI3D(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1."""

    name = "rendered-mpi3d"
    provenance = f"rendered: arm in the place of MPI3D, version {mpi3d_scene.VERSION}"
    observation_shape = (3, SIZE, SIZE)

    def __init__(self) -> None:
        self.factors = GridTable(FactorSpace(NAMES, FULL, KINDS))

    def pack(self) -> np.ndarray:
        """For every height of the camera, turn and lift of the arm, lifts fastest: its pictures by wall, then the layers of all objects."""
        shape = (HEIGHTS * TURNS * LIFTS, _PICTURES + _LAYERS)
        return packed_array("rendered-mpi3d", f"version {mpi3d_scene.VERSION}", shape, _fill)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone. The first call renders the layers, in half a minute."""
        indices = np.asarray(indices)
        colour, shape, size, height, wall, turn, lift = self.factors[indices.ravel()].T
        place = (height * TURNS + turn) * LIFTS + lift
        pictures, layers = _parted(self.images)
        images = pictures[place, wall]
        paste(images, mpi3d_scene.starts()[height, turn, lift], layers[place, shape, size], COLOURS[colour])
        return torch.from_numpy(images).to(torch.float32).div_(255).view(*indices.shape, *self.observation_shape)


def _parted(store: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The store as pictures [N, 3, 3, 4096] and layers [N, 6, 2, 2, 576]."""
    pictures = store[:, :_PICTURES].reshape(-1, len(BACKGROUNDS), 3, SIZE**2)
    return pictures, store[:, _PICTURES:].reshape(-1, SHAPES, SIZES, 2, WINDOW**2)


def _fill(store: np.ndarray) -> None:
    pictures, layers = _parted(store)
    with progress("rendered-mpi3d is rendered once", HEIGHTS * TURNS, "turn") as advance:
        for number, (height, turn) in enumerate(np.ndindex(HEIGHTS, TURNS)):
            rows = slice(number * LIFTS, (number + 1) * LIFTS)
            pictures[rows], layers[rows] = mpi3d_scene.render_turn(height, turn)
            advance(1)

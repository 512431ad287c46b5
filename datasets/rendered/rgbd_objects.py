"""Rendered objects in the place of RGB-D Objects (Lai, Bo, Ren and Fox 2011): in colour, and in depth, on a turntable.

One object of the catalogue for each of 51 categories, seen from four heights (which the released loader calls azimuth) at 263 poses
of a whole turn. The camera is about 0.9 m away; pictures are cut out and brought to one size, as the published ones are, and depth
stays in metres. Colours and depth share one store (879 MB): a fourth byte tells the depth to about a millimetre.

Differs from the published set: every combination occurs (there the third height and most last poses do not), poses cover exactly one
turn, and depth is known all over the object.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.images.rgbd_objects import CATEGORIES, MOST_METRES, SIZE
from datasets.packed_images import PackedImages, gathered, large_store
from datasets.rendered import catalogue, turntable
from datasets.rendered.camera import Camera, Lens
from datasets.rendered.catalogue import catalogue_object
from datasets.rendered.turntable import camera_at, photographs
from foundation.progress import progress
from foundation.randomness import stream

VERSION = 1
"""To be raised whenever any picture changes: stored ones carry it."""

ELEVATIONS = (30.0, 40.0, 50.0, 60.0)
"""Degrees of the camera above the table."""
POSES = 263
SPACE = FactorSpace(
    names=("category", "instance", "azimuth", "pose"),
    sizes=(CATEGORIES, 1, len(ELEVATIONS), POSES),
    kinds=("categorical", "categorical", "ordinal", "circular"),
)
FIRST_OBJECT = 100
"""Those before are in the place of COIL-100."""
RADII = stream(0, "rendered rgbd radii").uniform(0.05, 0.14, CATEGORIES)
"""Of the ball around the object of each category, in metres."""
DISTANCES = stream(0, "rendered rgbd distances").uniform(0.8, 1.0, CATEGORIES)
"""From the camera to the middle of each object, in metres."""
_LEVELS = 254
_VERSIONS = f"{VERSION}.{turntable.VERSION}.{catalogue.VERSION}"


class RenderedRGBDObjects(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1: colours, or, with `depth`, metres / 4 in three equal channels, and 0 beside the object."""

    provenance = f"rendered: catalogue objects in the place of RGB-D Objects, version {_VERSIONS}"
    observation_shape = (3, SIZE, SIZE)

    def __init__(self, depth: bool = False) -> None:
        self.name = "rendered-rgbd-objects-depth" if depth else "rendered-rgbd-objects"
        self._depth = depth
        self.factors = GridTable(SPACE)

    def pack(self) -> np.ndarray:
        """Red, green, blue and depth, where 1 to 255 go from the front to the back of the ball around the object: [N, 4, 64, 64]."""
        return large_store("rendered-rgbd-objects", f"version {_VERSIONS}", (math.prod(SPACE.sizes), 4, SIZE, SIZE), _fill)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone. The first call renders all pictures, in about a minute."""
        indices = np.asarray(indices)
        if not self._depth:
            return gathered(self.images[:, :3], indices)
        flat = indices.ravel()
        levels = torch.from_numpy(self.images[flat, 3:].astype(np.float32))
        category = flat // (len(ELEVATIONS) * POSES)
        step = torch.from_numpy((2 * RADII / _LEVELS / MOST_METRES)[category].astype(np.float32))[:, None, None, None]
        front = torch.from_numpy(((DISTANCES - RADII) / MOST_METRES)[category].astype(np.float32))[:, None, None, None]
        images = torch.where(levels > 0, (levels - 1) * step + front, 0.0)
        return images.expand(-1, 3, -1, -1).contiguous().view(*indices.shape, *self.observation_shape)


def _fill(store: np.ndarray) -> None:
    grid = store.reshape(CATEGORIES, len(ELEVATIONS), POSES, 4, SIZE, SIZE)
    with progress("rendered-rgbd-objects is rendered once", CATEGORIES, "category") as advance:
        for category in range(CATEGORIES):
            for height in range(len(ELEVATIONS)):
                grid[category, height] = render_turn(category, height)
            advance(1)


def render_turn(category: int, height: int) -> np.ndarray:
    """Rows of the store, one for every pose: [263, 4, 64, 64] uint8."""
    colours, depth, covered = photographs(catalogue_object(FIRST_OBJECT + category), turn_cameras(category, height))
    front = DISTANCES[category] / RADII[category] - 1
    levels = 1 + np.rint(_LEVELS * np.clip((depth - front) / 2, 0, 1))
    return np.concatenate([colours, np.where(covered, levels, 0)[:, None].astype(np.uint8)], axis=1)


def turn_cameras(category: int, height: int) -> list[Camera]:
    """One for every pose; distances are in radii of the object, whose ball just fills the picture."""
    away = DISTANCES[category] / RADII[category]
    lens = Lens.of(SIZE, 2.04 * np.degrees(np.arcsin(1 / away)))
    return [camera_at(360 * pose / POSES, ELEVATIONS[height], away, lens) for pose in range(POSES)]

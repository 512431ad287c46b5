"""Falcor3D (Nie et al. 2020, arXiv 2003.03461): a living room, seven factors, 233,280 pictures of 1024 or 128 pixels."""

from __future__ import annotations

import math

from datasets.factor_space import FactorSpace
from datasets.images.numbered_pictures import NumberedPictures, differences

SPACE = FactorSpace(
    names=(
        "lighting_intensity",
        "lighting_x-dir",
        "lighting_y-dir",
        "lighting_z-dir",
        "camera_x-pos",
        "camera_y-pos",
        "camera_z-pos",
    ),
    sizes=(5, 6, 6, 6, 6, 6, 6),
    kinds=("ordinal",) * 7,
)
PLACES = ("Falcor3D/images", "Falcor3D_down128/images", "Falcor3D_128x128/images", "falcor3d/images")


class Falcor3D(NumberedPictures):
    """Observations are [3, size, size] from 0 to 1; the first read takes the pictures of `root` to this size (3 GB at 64).

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where they are absent, and, when they are read, for a picture that is absent or damaged.
    """

    def __init__(self, size: int = 64, root: str | None = None) -> None:
        super().__init__("falcor3d", SPACE, PLACES, size, root)


def check(root: str | None) -> list[str]:
    """What differs from the published folder, one line each."""
    return differences("falcor3d", math.prod(SPACE.sizes), (1024, 128), PLACES, root)

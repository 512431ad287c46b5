"""Isaac3D (Nie et al. 2020, arXiv 2003.03461): a robot in a kitchen, nine factors, 737,280 pictures of 512 or 128 pixels.

Differs from the publisher's README: it names object scale and camera height before the robot's moves, with strides that do not
fit their sizes; the order here is that of the publisher's own demo, which does fit.
"""

from __future__ import annotations

import math

from datasets.factor_space import FactorSpace
from datasets.images.numbered_pictures import NumberedPictures, differences

SPACE = FactorSpace(
    names=(
        "object_shape",
        "robot_x-move",
        "robot_y-move",
        "camera_height",
        "object_scale",
        "lighting_intensity",
        "lighting_y-dir",
        "object_color",
        "wall_color",
    ),
    sizes=(3, 8, 5, 4, 4, 4, 6, 4, 4),
    kinds=("categorical",) + ("ordinal",) * 6 + ("categorical",) * 2,
)
PLACES = ("Isaac3D/images", "Isaac3D_down128/images", "Isaac3D_128x128/images", "isaac3d/images")


class Isaac3D(NumberedPictures):
    """Observations are [3, size, size] from 0 to 1; the first read takes the pictures of `root` to this size (9 GB at 64).

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where they are absent, and, when they are read, for a picture that is absent or damaged.
    """

    def __init__(self, size: int = 64, root: str | None = None) -> None:
        super().__init__("isaac3d", SPACE, PLACES, size, root)


def check(root: str | None) -> list[str]:
    """What differs from the published folder, one line each."""
    return differences("isaac3d", math.prod(SPACE.sizes), (512, 128), PLACES, root)

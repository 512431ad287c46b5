"""FlatLand, its torus, and noise on top of them."""

import numpy as np

from datasets.backgrounds import Background, BackgroundRelease
from datasets.noise import Gaussian, GaussianRelease, SaltAndPepper, SaltRelease
from datasets.worlds.flatland import FlatLand
from datasets.worlds.flatland_recorded import RecordedFlatLand
from datasets.worlds.torus import Torus
from foundation.randomness import stream
from tests.flatland_files import write_flatland
from tests.toys import Squares

PICTURES = stream(0, "pictures").integers(0, 256, (12, 20, 30, 3)).astype(np.uint8)


def recorded(folder, **settings):
    write_flatland(folder / "flatland", FlatLand(frames=301))
    return RecordedFlatLand(root=str(folder), **settings)


SETS = {
    "flatland": lambda folder: FlatLand(),
    "flatland in pixels": lambda folder: FlatLand(frames=2000, channels=3, in_pixels=True),
    "flatland-small-ball": lambda folder: FlatLand(small_ball=True),
    "flatland-file": recorded,
    "flatland-file in pixels": lambda folder: recorded(folder, channels=3, in_pixels=True),
    "flatland-torus": lambda folder: Torus(),
    "flatland-torus of 7": lambda folder: Torus(7, channels=3),
    "gaussian": lambda folder: Gaussian(FlatLand()),
    "gaussian release": lambda folder: GaussianRelease(Torus(), shared=True),
    "salt and pepper": lambda folder: SaltAndPepper(Torus(), shared=True),
    "salt release": lambda folder: SaltRelease(Squares()),
    "background": lambda folder: Background(FlatLand(frames=100), PICTURES),
    "background release": lambda folder: BackgroundRelease(Torus(channels=3), PICTURES),
}

"""The dSprites family, Shapes3D, own images, and what is made of them."""

import numpy as np

from datasets.array_dataset import ArrayDataset
from datasets.factor_subset import FactorSubset
from datasets.images.dsprites import DSprites
from datasets.images.shapes3d import Shapes3D
from foundation.randomness import stream


def own_images():
    """A list with missing and repeated combinations: digits 0 to 4, tilts 0 to 3, two of twenty missing, one twice."""
    rng = stream(0, "own images")
    combinations = np.stack(np.divmod(np.arange(20), 4), axis=1)
    factors = np.concatenate([np.delete(combinations, [3, 11], axis=0), combinations[:1]])
    return ArrayDataset(rng.random((len(factors), 8, 8, 3)), factors, ("digit", "tilt"), ("categorical", "circular"))


SETS = {
    "dsprites": lambda folder: DSprites(root=""),
    "dsprites-color-white": lambda folder: DSprites("white", root=""),
    "dsprites-color": lambda folder: DSprites("husl", root=""),
    "noisy-dsprites": lambda folder: DSprites("white", noise=True, root=""),
    "noisy-dsprites-color": lambda folder: DSprites("husl", noise=True, root=""),
    "3dshapes": lambda folder: Shapes3D(root=""),
    "held": lambda folder: FactorSubset(DSprites("husl", root=""), ("posX", "shape"), held={"scale": 5}),
    "hidden": lambda folder: FactorSubset(Shapes3D(root=""), ("shape", "floor_hue"), hidden=True),
    "noisy held": lambda folder: FactorSubset(DSprites("white", noise=True, root=""), ("scale", "posY")),
    "own images": lambda folder: own_images(),
    "own images held": lambda folder: FactorSubset(own_images(), ("tilt",), held={"digit": 1}),
    "own images hidden": lambda folder: FactorSubset(own_images(), ("digit",), hidden=True),
}
PUBLISHED_SIZES = {
    "dsprites": (1, 3, 6, 40, 32, 32),
    "dsprites-color-white": (1, 3, 6, 40, 32, 32),
    "dsprites-color": (7, 3, 6, 40, 32, 32),
    "noisy-dsprites": (1, 3, 6, 40, 32, 32),
    "noisy-dsprites-color": (7, 3, 6, 40, 32, 32),
    "3dshapes": (10, 10, 10, 8, 4, 15),
}

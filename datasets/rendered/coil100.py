"""Rendered objects in the place of COIL-100 (Nene, Nayar and Murase 1996) and of its augmented editions (Dapueto et al. 2024).

A hundred objects of the catalogue turn by 5 degrees from picture to picture, at 128x128 in front of black (7,200 pictures, 472 MB as
words of four bytes); from them come pictures of half the size, masks, and what is turned and zoomed in the plane.

Differs from the published sets: a mask is the true outline of the object (there it is found by brightness, and dark parts are lost).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets.factor_tables import GridTable
from datasets.images.coil100_augmentation import halve
from datasets.images.coil100_augmented import Coil100Augmented
from datasets.images.coil100_files import MASK_SIZE, OBJECTS, POSES, SIZE, Photographs
from datasets.packed_cache import packed_array
from datasets.packed_images import PackedImages
from datasets.rendered import catalogue, turntable
from datasets.rendered.camera import Lens
from datasets.rendered.catalogue import catalogue_object
from datasets.rendered.turntable import camera_at, photographs
from foundation.progress import progress

VERSION = 1
"""To be raised whenever any picture changes: stored ones carry it."""

_ANGLES = tuple(range(0, 360, 360 // POSES))
CAMERAS = [camera_at(angle, 22.0, 5.4, Lens.of(SIZE, 22.5)) for angle in _ANGLES]
"""One for each pose."""
_PICTURES = Photographs(Path(), tuple(range(1, OBJECTS + 1)), _ANGLES, "")
_IDENTITY = f"rendered, version {VERSION}, {turntable.VERSION}, {catalogue.VERSION}"
_PROVENANCE = f"rendered: catalogue objects in the place of COIL-100, version {VERSION}.{turntable.VERSION}.{catalogue.VERSION}"


class RenderedCoil100(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1: pictures at half their size, in 256 levels."""

    name = "rendered-coil100"
    provenance = _PROVENANCE
    observation_shape = (3, SIZE // 2, SIZE // 2)

    def __init__(self) -> None:
        self.factors = GridTable(_PICTURES.space(augmented=False))

    def pack(self) -> np.ndarray:
        shape = (OBJECTS * POSES, *self.observation_shape)
        return packed_array("rendered-coil100", _IDENTITY, shape, _fill_halves)


class RenderedCoil100Augmented(Coil100Augmented):
    """Observations are [3, 64, 64] from 0 to 1; `binary` shows masks, 0 or 1 in three equal channels."""

    def __init__(self, binary: bool = False) -> None:
        self.name = "rendered-coil100-augmented-binary" if binary else "rendered-coil100-augmented"
        self._binary, self._packed, self._published = binary, False, False
        self.factors = GridTable(_PICTURES.space(augmented=True))
        self.provenance = _PROVENANCE

    def pack(self) -> np.ndarray:
        return _masks() if self._binary else picture_words()


def picture_words() -> np.ndarray:
    """All pictures, rendered once in some ten seconds: [7200, 128 * 128 + 1] uint32; the last word of a row is black."""
    return packed_array("rendered-coil100-words", _IDENTITY, (OBJECTS * POSES, SIZE * SIZE + 1), _fill_words, np.uint32)


def _fill_words(words: np.ndarray) -> None:
    words[:, -1] = 0
    with progress("rendered-coil100 is rendered once", OBJECTS, "object") as advance:
        for number in range(OBJECTS):
            rows = words[number * POSES : (number + 1) * POSES]
            pictures, _, _ = photographs(catalogue_object(number), CAMERAS)
            levels = np.zeros((POSES, SIZE * SIZE, 4), np.uint8)
            levels[..., :3] = pictures.reshape(POSES, 3, -1).transpose(0, 2, 1)
            rows[:, :-1] = levels.view(np.uint32)[..., 0]
            advance(1)


def _fill_halves(halves: np.ndarray) -> None:
    for rows in np.array_split(np.arange(len(halves)), OBJECTS):
        levels = np.empty((len(rows), *halves.shape[1:]), np.float32)
        halve(picture_words()[rows, :-1].reshape(-1, SIZE, SIZE), levels)
        halves[rows] = np.rint(levels * 255)


def _masks() -> np.ndarray:
    """[7200, 64 * 64 + 1] uint8, 255 where the object covers at least half of a pixel; the last is black."""
    return packed_array("rendered-coil100-masks", _IDENTITY, (OBJECTS * POSES, MASK_SIZE**2 + 1), _fill_masks)


def _fill_masks(masks: np.ndarray) -> None:
    masks[:, -1] = 0
    for rows in np.array_split(np.arange(len(masks)), OBJECTS):
        # The ground is black, the object nowhere quite.
        covered = (picture_words()[rows, :-1] != 0).reshape(-1, MASK_SIZE, 2, MASK_SIZE, 2).sum(axis=(2, 4))
        masks[rows, :-1] = np.where(covered >= 2, 255, 0).reshape(len(rows), -1)

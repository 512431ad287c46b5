"""Masks of objects, against what OpenCV 4.10 makes of the same pictures (5.0 makes the same)."""

import hashlib
from itertools import product

import numpy as np
import pytest

from datasets.images.coil100_silhouettes import grey_levels, otsu_threshold, silhouette
from tests.photograph_files import turntable_photo

THRESHOLDS = [11, 11, 10, 11, 11, 10, 10, 11, 11, 11, 10, 11, 10, 11, 11, 10, 10, 11, 11, 11, 11, 11, 11, 11]


@pytest.fixture(scope="module")
def photos():
    return [turntable_photo(thing, pose) for thing, pose in product(range(1, 7), (0, 5, 35, 175))]


def test_grey_levels_are_those_of_opencv(photos):
    grey = np.stack([grey_levels(photo) for photo in photos])
    assert hashlib.sha256(grey.tobytes()).hexdigest() == "9313999342510469e0015ffe8d789483eccce655c8f7876f4ca4e717c1f32936"


def test_masks_are_those_of_opencv(photos):
    masks = np.stack([silhouette(photo) for photo in photos])
    assert set(np.unique(masks)) == {0, 255}
    assert (
        hashlib.sha256(np.packbits(masks > 0).tobytes()).hexdigest() == "e693c13776d1c142294e84b563108b1d938d3dac8f77612bf39605fbac69475a"
    )


def test_otsu_parts_two_levels_between_them_and_leaves_one_level_alone():
    halves = np.repeat(np.array([40, 200], np.uint8), 50)
    assert otsu_threshold(halves) == 40
    assert otsu_threshold(np.full(9, 7, np.uint8)) == 0


def test_otsu_takes_the_largest_variance_between_the_two_classes():
    levels = np.random.default_rng(0).integers(0, 60, 4000).astype(np.uint8)
    levels[:1500] += 90

    def variance(threshold):
        lower, upper = levels[levels <= threshold], levels[levels > threshold]
        return len(lower) * len(upper) * (lower.mean() - upper.mean()) ** 2 if len(lower) and len(upper) else 0

    assert otsu_threshold(levels) == np.argmax([variance(threshold) for threshold in range(256)])


def test_a_speck_goes_and_a_gap_is_closed():
    photo = np.zeros((128, 128, 3), np.uint8)
    photo[40:80, 40:80] = 200
    photo[40:80, 58:61] = 0
    photo[100, 100] = 255
    mask = silhouette(photo) > 0
    assert mask[22:38, 20:40].all() and not mask[45:].any()
    assert 388 <= mask.sum() <= 400, "corners are rounded, no more"

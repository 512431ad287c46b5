"""Square pictures: the true pad and the released one; resizing against hashes of what OpenCV 4.10 and 5.0 give."""

import hashlib

import numpy as np
import pytest

from datasets.images.square_pictures import padded_as_released, resized, resized_to_nearest, resized_without_filter, squared

FROM_OPENCV = [
    (60, 90, "36534e32a43dcb7e", "fc10de3220807a9f"),
    (130, 77, "898abc6f90559ed2", "57a98bd9491d65f5"),
    (33, 200, "74e1617a6f113e78", "4966dea703286741"),
    (257, 99, "389b0244dbb95846", "062773fcd5ee44c1"),
    (41, 41, "8092efaf90e15e24", "274e47068f13eb7d"),
    (128, 128, "7572ad4f0ee64efe", "86d892689f737fbe"),
    (64, 64, "f43b62cf3a00b931", "f43b62cf3a00b931"),
]
"""Height, width, the beginnings of the hashes of INTER_LINEAR and INTER_NEAREST at 64x64."""


@pytest.mark.parametrize(("height", "width", "linear", "nearest"), FROM_OPENCV)
def test_resizing_gives_the_bits_of_opencv(height, width, linear, nearest):
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([(x * 37 + y * 91) % 256, (x * x + 3 * y) % 256, (x * y) % 256], axis=2).astype(np.uint8)
    for resize, expected in ((resized_without_filter, linear), (resized_to_nearest, nearest)):
        assert hashlib.sha256(np.ascontiguousarray(resize(pixels, 64)).tobytes()).hexdigest().startswith(expected)


@pytest.mark.parametrize(("height", "width", "corner"), [(5, 2, [0, 1]), (2, 5, [1, 0]), (4, 4, [0, 0])])
def test_a_true_square_has_the_picture_in_its_middle(height, width, corner):
    square = squared(np.ones((height, width, 3), np.uint8))
    assert square.shape == (max(height, width), max(height, width), 3)
    assert square.sum() == 3 * height * width
    assert np.argwhere(square[..., 0]).min(axis=0).tolist() == corner


def test_the_released_pad_makes_a_tall_picture_taller_and_a_wide_one_wider():
    assert padded_as_released(np.ones((9, 4))).shape == (13, 4)
    assert padded_as_released(np.ones((4, 9, 3))).shape == (4, 13, 3)


def test_shrinking_filters():
    stripes = np.tile(np.array([0, 255], np.uint8), (128, 64))[..., None].repeat(3, axis=2)
    assert abs(resized(stripes, 64)[2:-2, 2:-2].astype(int) - 128).max() <= 1

"""Turns, zooms and the halving of photographs, against what OpenCV 4.10 and PyTorch make of the same pictures.

The sums are of arrays that OpenCV 4.10.0 wrote (`getRotationMatrix2D`, `warpAffine` with INTER_NEAREST, a black border): first
of pictures that hold the number of every pixel, hence of the whole map.
"""

import hashlib

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from datasets.images.coil100_augmentation import ROTATIONS, SCALES, augmentations, augmented_halves, gathered_pixels, source_pixels
from tests.photograph_files import turntable_photo


def sha256(array):
    return hashlib.sha256(array.tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("size", "published"),
    [
        (128, "d1288a5b7260ff003bba526117be101d453c4767a8c1b9faceeebb5208c8a176"),
        (64, "36bda3381cc491198c593dfdc0b498b259af4b33ace12cb76d7b081fc2e08e4d"),
    ],
)
def test_every_pixel_of_every_turn_and_zoom_comes_from_where_opencv_takes_it(size, published):
    assert sha256(augmentations(size).astype("<u2")) == published


def test_scales_are_nine_even_steps_to_two_decimals():
    assert list(SCALES) == np.linspace(1, 0.5, 9).round(2).tolist() and len(ROTATIONS) == 18


def words(photos):
    """[N, 128, 128, 3] uint8 -> [N, 128 * 128 + 1] uint32, the last pixel black."""
    stored = np.zeros((len(photos), 128 * 128 + 1, 4), np.uint8)
    stored[:, :-1, :3] = photos.reshape(len(photos), -1, 3)
    return stored.view(np.uint32)[..., 0]


def test_a_photograph_is_turned_and_zoomed_as_opencv_does_it():
    stored = words(turntable_photo(3, 35)[None])
    kind = ROTATIONS.index(140) * len(SCALES) + SCALES.index(0.69)
    pixels = gathered_pixels(stored, np.array([0]), np.array([kind])).view(np.uint8).reshape(128, 128, 4)[..., :3]
    assert sha256(pixels) == "174d53a12ed7b0e9caaf6d0b38a41314d68a56a8715e08d65c83d720f07ec1dd"


def test_a_quarter_turn_is_counter_clockwise_about_the_middle_of_the_canvas():
    turned = source_pixels(90, 1, 8).reshape(8, 8)
    assert turned[1, 1] == 1 * 8 + 7, "from the upper right to the upper left, about the point (4, 4)"
    assert np.array_equal(turned[1:, :], np.rot90(np.arange(64).reshape(8, 8))[:-1])
    assert (turned[0] == 64).all(), "what comes from outside is black"


def test_two_resamplings_are_not_one():
    once = source_pixels(40, 0.75, 128)
    twice = np.append(source_pixels(40, 1, 128), 128 * 128)[source_pixels(0, 0.75, 128)]
    assert np.array_equal(augmentations(128)[2 * 9 + 4], twice) and not np.array_equal(once, twice)


def test_halving_is_the_antialiased_resize_of_the_released_loader():
    photos = np.stack([turntable_photo(thing, 40) for thing in range(1, 8)])
    rows, kinds = np.arange(7), np.arange(7) * 23
    pixels = gathered_pixels(words(photos), rows, kinds).view(np.uint8).reshape(7, 128, 128, 4)[..., :3]
    tensors = torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))).to(torch.float32) / 255
    resized = interpolate(tensors, (64, 64), mode="bilinear", antialias=True)
    assert (augmented_halves(words(photos), rows, kinds) - resized).abs().max() < 1e-6
    brightest = np.full((1, 128, 128, 3), 255, np.uint8)
    assert (augmented_halves(words(brightest), np.array([0]), np.array([0])) - 1).abs().max() < 1e-6, "edges too"

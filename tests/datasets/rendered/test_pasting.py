"""Windows are where they are said to be, and what is pasted is what a plain loop would paste."""

import numpy as np

from datasets.rendered.pasting import paste, quantised, window_corner, window_starts
from foundation.randomness import stream


def test_a_window_lies_around_its_point_and_inside_the_picture():
    points = stream(0, "points").uniform(-5, 70, (500, 2))
    for point, start in zip(points, window_starts(points, 24).tolist(), strict=True):
        top, left = window_corner(start)
        assert 0 <= top <= 40 and 0 <= left <= 40 and left % 8 == 0
        if 12 <= point[1] <= 52:
            assert abs(top + 12 - point[1]) <= 0.5
        if 12 <= point[0] <= 52:
            assert abs(left + 12 - point[0]) <= 4


def test_pasting_mixes_in_the_window_and_leaves_the_rest_alone():
    rng = stream(0, "pictures")
    pictures = rng.integers(0, 256, (9, 3, 4096)).astype(np.uint8)
    dyes = np.array([[1.0, 0.5, 0.0], [0.2, 0.9, 0.3]])[rng.integers(0, 2, 9)]
    kept = rng.choice([0, 0.3, 1], (9, 576))
    layers = quantised(kept, (1 - kept) * rng.random((9, 576)), dyes)
    starts = window_starts(rng.uniform(0, 64, (9, 2)), 24)
    mixed = pictures.copy()
    paste(mixed, starts, layers, dyes)
    for before, after, start, (share, light), dye in zip(pictures, mixed, starts.tolist(), layers / 255, dyes, strict=True):
        top, left = window_corner(start)
        expected = before.reshape(3, 64, 64).astype(float)
        window = expected[:, top : top + 24, left : left + 24]
        window[:] = window * share.reshape(24, 24) + 255 * light.reshape(24, 24) * dye[:, None, None]
        assert np.abs(after.reshape(3, 64, 64) - expected).max() < 2.1
        outside = np.ones((64, 64), bool)
        outside[top : top + 24, left : left + 24] = False
        assert np.array_equal(after.reshape(3, 64, 64)[:, outside], before.reshape(3, 64, 64)[:, outside])


def test_what_is_kept_whole_keeps_its_level():
    pictures = np.arange(256, dtype=np.uint8).repeat(48).reshape(1, 3, 4096)
    mixed = pictures.copy()
    paste(mixed, np.array([17]), quantised(np.ones((1, 576)), np.zeros((1, 576)), np.ones((1, 3))), np.ones((1, 3)))
    assert np.array_equal(mixed, pictures)


def test_nothing_is_pasted_into_no_picture():
    paste(np.empty((0, 3, 4096), np.uint8), np.empty(0, np.int64), np.empty((0, 2, 576), np.uint8), np.empty((0, 3)))

"""Moving digits: real scans, straight ways, walls that send back, and factors that change what they say."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from datasets.sequences import moving_digits
from datasets.sequences.moving_digits import FRAMES, HEADINGS, SPEEDS, MovingDigits
from foundation.randomness import stream


@pytest.fixture(scope="module")
def dataset():
    return MovingDigits()


def sequence(dataset, image=0, heading=0, speed=0):
    digit = load_digits().target[image]
    rows = dataset.factors.index_of(np.array([[image, digit, heading, speed, frame] for frame in range(FRAMES)]))
    assert (rows >= 0).all()
    return dataset.observations(rows, stream(0, "unused")).numpy()[:, 0]


def centres(images):
    row, column = np.mgrid[:64, :64][:, None]
    total = images.sum(axis=(1, 2))
    return np.stack([(images * column).sum(axis=(1, 2)) / total, (images * row).sum(axis=(1, 2)) / total], axis=1)


def test_the_digits_are_the_scans_three_times_as_large():
    scans = load_digits().images.astype(np.float32)[:20] / 16
    drawn = moving_digits.drawn(scans, np.full((20, 2), 20.0))
    assert drawn.shape == (20, 64, 64) and drawn.dtype == np.float32
    assert np.allclose(drawn[:, 21:44:3, 21:44:3], scans)
    outside = drawn.copy()
    outside[:, 18:46, 18:46] = 0
    assert outside.max() == 0


def test_a_place_between_pixels_is_a_mean_of_its_neighbours():
    scan = load_digits().images[:1].astype(np.float32) / 16
    left, between, right = (moving_digits.drawn(scan, np.array([[x, 20.0]])) for x in (20.0, 20.5, 21.0))
    assert np.abs(between - (left + right) / 2).max() < 0.17
    assert centres(between)[0, 0] == pytest.approx((centres(left) + centres(right))[0, 0] / 2, abs=0.05)


@pytest.mark.parametrize("speed", range(3))
def test_headings_are_compass_directions_and_speeds_pixels_per_frame(dataset, speed):
    for heading in range(HEADINGS):
        steps = np.concatenate([np.diff(centres(sequence(dataset, image, heading, speed)), axis=0) for image in range(6)])
        angle = 2 * np.pi * heading / HEADINGS
        expected = SPEEDS[speed] * np.array([np.cos(angle), np.sin(angle)])
        # Walls turn a direction round; between them steps are all alike.
        free = np.abs(np.abs(steps) - np.abs(expected)).max(axis=1) < 0.25
        assert free.mean() > 0.6
        assert np.median(np.abs(steps[free]), axis=0) == pytest.approx(np.abs(expected), abs=0.1)
        first = steps.reshape(6, -1, 2)[:, 0]
        assert (np.abs(first - expected).max(axis=1) < 0.25).any()


def test_walls_send_back():
    assert moving_digits.bounced(np.array([-3.0, 0, 5, 40, 43, 80, 81]), 40.0) == pytest.approx([3, 0, 5, 40, 37, 0, 1])


def test_a_digit_keeps_its_look_and_stays_inside(dataset):
    images = sequence(dataset, 17, 3, 2)
    assert images.sum(axis=(1, 2)).max() < 1.03 * images.sum(axis=(1, 2)).min()
    assert images[:, [0, -1]].max() < 0.7 and images.max() <= 1


def test_factors_say_which_scan_and_which_digit(dataset):
    factors = dataset.factors[stream(0, "rows").integers(0, len(dataset.factors), 1000)]
    assert np.array_equal(factors[:, 1], load_digits().target[factors[:, 0]])
    assert len(dataset.sequences) == 1797 * 24 and len(dataset.factors) == 1797 * 24 * 16
    assert np.array_equal(dataset.factors[dataset.sequences.starts][:, 4], np.zeros(1797 * 24))


def test_another_seed_is_another_start_and_nothing_else():
    row = np.arange(16) + 16 * 999
    one, other = (centres(MovingDigits(seed).observations(row, stream(0, "unused"))[:, 0].numpy()) for seed in (0, 1))
    assert not np.allclose(one[0], other[0], atol=0.5)
    again = MovingDigits(0).observations(row, stream(5, "other"))
    assert torch.equal(again, MovingDigits(0).observations(row, stream(0, "unused")))

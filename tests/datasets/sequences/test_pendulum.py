"""The pendulum: it obeys its equation, each factor changes what it says, and it looks like the pictures it was made after."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from datasets.sequences import pendulum
from datasets.sequences.pendulum import AMPLITUDES, FRAMES, SPEEDS, Pendulum
from foundation.errors import UserError
from foundation.randomness import stream


@pytest.fixture(scope="module")
def dataset():
    return Pendulum()


def sequence(dataset, colour=0, speed=1, amplitude=5, phase=0):
    """[60, 3, 64, 64] as an array."""
    rows = dataset.factors.index_of(np.array([[colour, speed, amplitude, phase, frame] for frame in range(FRAMES)]))
    return dataset.observations(rows, stream(0, "unused")).numpy()


def seen_angles(images):
    """Angle of the pendulum in each image, from the centre of its pixels."""
    weight = images.max(axis=1)
    row, column = (np.mgrid[:64, :64] + 0.5)[:, None]
    total = weight.sum(axis=(1, 2))
    x, y = ((weight * place).sum(axis=(1, 2)) / total for place in (column, row))
    return np.arctan2(x - pendulum.PIVOT_X, y - pendulum.PIVOT_Y)


@pytest.mark.parametrize("amplitude", AMPLITUDES[[0, 3, 5]])
def test_angles_solve_the_equation_of_the_pendulum(amplitude):
    times = np.arange(200.0)
    solved = solve_ivp(
        lambda _, state: (state[1], -(SPEEDS[1] ** 2) * np.sin(state[0])), (0, 199), (amplitude, 0), t_eval=times, rtol=1e-10, atol=1e-12
    )
    assert pendulum.angles(np.array(SPEEDS[1]), np.array(amplitude), times) == pytest.approx(solved.y[0], abs=1e-7)


def test_half_a_period_at_89_degrees_lasts_32_frames_as_in_the_pictures():
    assert pendulum.period(np.array(SPEEDS[1]), np.radians(89)) / 2 == pytest.approx(32, abs=0.3)


def test_frames_show_the_angles_of_the_motion(dataset):
    for speed, amplitude, phase in ((0, 2, 0), (1, 5, 3), (2, 4, 6)):
        start = phase / 8 * pendulum.period(np.array(SPEEDS[speed]), AMPLITUDES[amplitude])
        expected = pendulum.angles(np.array(SPEEDS[speed]), AMPLITUDES[amplitude], start + np.arange(FRAMES))
        seen = seen_angles(sequence(dataset, 0, speed, amplitude, phase))
        assert seen == pytest.approx(expected, abs=0.02)


def test_colour_changes_nothing_but_the_colour(dataset):
    red, magenta = sequence(dataset, 0), sequence(dataset, 1)
    assert np.array_equal(red[:, 0] > 0, magenta[:, 0] > 0)
    assert red[:, 1:].max() == 0 and red[:, 0].max() == 1
    assert magenta[:, 1].max() == 0 and np.array_equal(magenta[:, 0], magenta[:, 2])
    peaks = [tuple(np.round(255 * sequence(dataset, colour).max(axis=(0, 2, 3)))) for colour in range(5)]
    assert peaks == [tuple(map(float, colour)) for colour in pendulum.COLOURS]


def test_amplitude_is_how_far_it_swings_and_speed_how_often(dataset):
    reach = [np.abs(seen_angles(sequence(dataset, amplitude=amplitude))).max() for amplitude in range(6)]
    assert reach == pytest.approx(AMPLITUDES, abs=0.02)
    turns = [np.abs(np.diff(np.sign(seen_angles(sequence(dataset, speed=speed, amplitude=0))))).sum() / 2 for speed in range(3)]
    assert turns == sorted(turns) and turns[0] < turns[2]


def test_phase_is_a_later_start_on_the_same_circle(dataset):
    whole = seen_angles(sequence(dataset, phase=0))
    half = seen_angles(sequence(dataset, phase=4))
    assert half == pytest.approx(-whole, abs=0.02)
    assert seen_angles(sequence(dataset, phase=2))[0] == pytest.approx(0, abs=0.03)


def test_sequences_are_all_60_frames_long_and_whole(dataset):
    sequences = dataset.sequences
    assert len(sequences) == 720 and (sequences.lengths == FRAMES).all()
    for name in sequences.constant:
        column = dataset.factor_space.index(name)
        values = dataset.factors[sequences.starts[:, None] + np.arange(FRAMES)][..., column]
        assert (values == values[:, :1]).all()


def test_it_looks_like_the_pictures_that_vdsm_generated():
    if "FOVEA_REFERENCE" not in os.environ:
        pytest.skip("FOVEA_REFERENCE names no folder with the published pictures")
    with np.load(Path(os.environ["FOVEA_REFERENCE"]) / "frames" / "pendulum_model_samples.npz") as published:
        theirs = published["frames"].max(axis=-1) > 0.3 * 255
    ours = pendulum.drawn(np.radians(np.arange(-100, 101, 2.0))) > 0.5
    ours = ours.reshape(len(ours), -1).astype(np.float64)
    for frames in theirs.reshape(len(theirs), theirs.shape[1], -1).astype(np.float64):
        both = frames @ ours.T
        overlap = both / (frames.sum(axis=1)[:, None] + ours.sum(axis=1) - both)
        assert overlap.max(axis=1).mean() > 0.88


def test_a_combination_that_does_not_exist_is_refused(dataset):
    with pytest.raises(UserError, match="colour=5"):
        dataset.latent_to_index(np.array([5, 0, 0, 0, 0]))

"""Rendered MPI3D: what each of the seven factors does to the pixels, one at a time."""

import numpy as np
import pytest

from datasets.images.mpi3d import FULL, NAMES
from datasets.rendered import mpi3d_scene
from datasets.rendered.mpi3d import RenderedMPI3D
from foundation.randomness import stream

MIDDLE = dict(zip(NAMES, (2, 1, 1, 1, 1, 14, 20), strict=True))


@pytest.fixture(scope="module")
def dataset():
    return RenderedMPI3D()


def picture(dataset, **factors):
    """One image [3, 64, 64]; factors that are not named are in the middle."""
    values = MIDDLE | factors
    return dataset.get_img_by_latent(np.array([values[name] for name in NAMES]), stream(0, "unused")).numpy()


def object_pixels(dataset, **factors):
    """Pixels [64, 64] that the colour of the object reaches."""
    white, blue = (picture(dataset, object_color=colour, **factors) for colour in (0, 3))
    return np.abs(white - blue).max(axis=0) > 0.02


def middle(pixels):
    """Mean row and column."""
    return np.argwhere(pixels).mean(axis=0)


def test_colours_have_their_names(dataset):
    row, column = middle(object_pixels(dataset)).round().astype(int)
    white, green, red, blue, brown, olive = (picture(dataset, object_color=colour)[:, row, column] for colour in range(6))
    assert np.ptp(white) < 0.05 and green.argmax() == 1 and red.argmax() == 0 and blue.argmax() == 2
    assert brown[0] > brown[1] > brown[2] and olive[0] == pytest.approx(olive[1], abs=0.02) and olive[2] < 0.5 * olive[1]


def test_the_background_changes_what_is_neither_arm_nor_object(dataset):
    purple, green, salmon = (picture(dataset, background_color=colour) for colour in range(3))
    assert purple[1, 2, 2] < purple[0, 2, 2] and green[:, 2, 2].argmax() == 1 and salmon[:, 2, 2].argmax() == 0
    unchanged = np.abs(purple - green).max(axis=0) < 0.01
    assert 0.05 < unchanged.mean() < 0.7
    inner = object_pixels(dataset)
    assert (inner & ~unchanged).sum() < 0.6 * inner.sum(), "but for its edge, the object hides the wall"


@pytest.mark.parametrize("height", range(3))
def test_the_axes_carry_the_object_to_the_right_and_upwards(dataset, height):
    columns = [middle(object_pixels(dataset, camera_height=height, horizontal_axis=turn))[1] for turn in range(0, 40, 3)]
    rows = [middle(object_pixels(dataset, camera_height=height, vertical_axis=lift))[0] for lift in range(0, 40, 3)]
    assert np.all(np.diff(columns) > 0.3) and np.all(np.diff(rows) < 0.2) and rows[0] - rows[-1] > 12


@pytest.mark.parametrize("name", ["horizontal_axis", "vertical_axis"])
def test_every_single_step_of_an_axis_can_be_seen(dataset, name):
    pictures = np.stack([picture(dataset, **{name: step}) for step in range(40)])
    assert np.abs(np.diff(pictures, axis=0)).max(axis=(1, 2, 3)).min() > 0.05


def test_size_enlarges_the_object_and_shapes_differ(dataset):
    for shape in range(6):
        small, large = (object_pixels(dataset, object_shape=shape, object_size=size).sum() for size in range(2))
        assert large > 1.4 * small > 20
    pictures = [picture(dataset, object_shape=shape) for shape in range(6)]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert (np.abs(one - other).max(axis=0) > 0.1).sum() >= 8


def test_the_camera_is_at_the_top_first(dataset):
    """From above the platform is seen wide open."""
    edges = [np.abs(np.diff(picture(dataset, camera_height=height)[:, :, 2], axis=1)).max(axis=0).argmax() for height in range(3)]
    assert edges[0] < edges[1] < edges[2], "the foot of the wall sinks"


def test_no_object_is_cut_by_its_window(dataset):
    rng = stream(0, "windows")
    factors = np.array(rng.integers(0, FULL, (300, 7)))
    factors[:, 2] = 1
    _, shape, _, height, _, turn, lift = factors.T
    layers = dataset.images[(height * 40 + turn) * 40 + lift, 3 * 3 * 4096 :].reshape(-1, 6, 2, 2, 24, 24)[np.arange(300), shape, 1]
    kept = layers[:, 0]
    assert (kept < 255).any(axis=(1, 2)).all()
    left = np.array([mpi3d_scene.window_corner(int(start)) for start in mpi3d_scene.starts()[height, turn, lift]])
    for side, free in ((kept[:, 0], left[:, 0] > 0), (kept[:, :, 0], left[:, 1] > 0), (kept[:, :, -1], left[:, 1] < 40)):
        assert (side[free] == 255).all()


def test_stored_layers_are_those_that_are_rendered_now(dataset):
    """Where this fails after a change, raise the VERSION of the scene."""
    pictures, layers = mpi3d_scene.render_turn(2, 31)
    rows = dataset.images[(2 * 40 + 31) * 40 :][:40]
    assert np.array_equal(rows, np.concatenate([pictures.reshape(40, -1), layers.reshape(40, -1)], axis=1))

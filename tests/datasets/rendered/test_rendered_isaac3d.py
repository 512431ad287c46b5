"""Rendered Isaac3D: what each of the nine factors does to the pixels, one at a time."""

import numpy as np
import pytest

from datasets.images.isaac3d import SPACE
from datasets.rendered import isaac3d_scene
from datasets.rendered.isaac3d import RenderedIsaac3D
from foundation.randomness import stream

MIDDLE = {
    "object_shape": 0,
    "robot_x-move": 3,
    "robot_y-move": 2,
    "camera_height": 2,
    "object_scale": 2,
    "lighting_intensity": 3,
    "lighting_y-dir": 1,
    "object_color": 0,
    "wall_color": 0,
}


@pytest.fixture(scope="module")
def dataset():
    return RenderedIsaac3D()


def picture(dataset, **factors):
    """One image [3, 64, 64]; factors that are not named are in the middle (underscores stand for hyphens too)."""
    values = MIDDLE | {name.replace("_move", "-move").replace("_dir", "-dir"): value for name, value in factors.items()}
    return dataset.get_img_by_latent(np.array([values[name] for name in SPACE.names]), stream(0, "unused")).numpy()


def changed(one, other):
    return np.abs(one - other).max(axis=0) > 0.02


def object_pixels(dataset, **factors):
    """Pixels [64, 64] that the colour of the object reaches."""
    return changed(picture(dataset, object_color=0, **factors), picture(dataset, object_color=2, **factors))


def middle(pixels):
    """Mean row and column."""
    return np.argwhere(pixels).mean(axis=0)


def test_colours_reach_the_object_alone_and_have_their_names(dataset):
    assert isaac3d_scene.COLOURS.argmax(axis=1).tolist() == [0, 1, 2, 0]
    where = object_pixels(dataset)
    row, column = middle(where).round().astype(int)
    for colour in range(3):
        assert picture(dataset, object_color=colour)[:, row, column].argmax() == colour
    assert 30 < where.sum() < 600


def test_wall_colours_reach_the_walls_alone(dataset):
    walls = changed(picture(dataset, wall_color=0), picture(dataset, wall_color=1))
    assert 0.1 < walls.mean() < 0.6 and not walls[40:, 10:50].any() and walls[:10].mean() > 0.6
    assert not (walls & object_pixels(dataset)).any()


def test_intensity_is_a_factor_of_every_level(dataset):
    dim, bright = picture(dataset, lighting_intensity=0), picture(dataset, lighting_intensity=3)
    np.testing.assert_allclose(dim, 0.4 * bright, atol=1e-6)
    means = [picture(dataset, lighting_intensity=level).mean() for level in range(4)]
    assert np.all(np.diff(means) > 0.03)


def test_the_light_moves_shadows_and_shades_the_object(dataset):
    pictures = [picture(dataset, lighting_y_dir=direction) for direction in range(6)]
    for one, other in zip(pictures, pictures[1:], strict=False):
        assert changed(one, other).sum() > 100
    # Light from the left throws the shadow of the arm to the right.
    left_lit, right_lit = (image.sum(axis=0)[30:60] for image in (pictures[0], pictures[5]))
    assert left_lit[:, :20].sum() - left_lit[:, -20:].sum() > right_lit[:, :20].sum() - right_lit[:, -20:].sum()


def test_moves_carry_the_object_to_the_right_and_to_the_front(dataset):
    columns = [middle(object_pixels(dataset, robot_x_move=move))[1] for move in range(8)]
    rows = [middle(object_pixels(dataset, robot_y_move=move))[0] for move in range(5)]
    assert np.all(np.diff(columns) > 3) and np.all(np.diff(rows) > 1)


def test_scale_enlarges_the_object_and_shapes_differ(dataset):
    areas = [object_pixels(dataset, object_scale=scale).sum() for scale in range(4)]
    assert np.all(np.diff(areas) > 10)
    outlines = [object_pixels(dataset, object_shape=shape, object_scale=3) for shape in range(3)]
    assert all(
        (one ^ other).sum() > 15 for one, other in ((outlines[0], outlines[1]), (outlines[1], outlines[2]), (outlines[0], outlines[2]))
    )


def test_a_higher_camera_sees_more_of_the_table(dataset):
    walls = [
        changed(picture(dataset, wall_color=0, camera_height=h), picture(dataset, wall_color=1, camera_height=h)).mean() for h in range(4)
    ]
    assert np.all(np.diff(walls) < 0)


def test_the_object_hides_what_is_behind_it_and_its_window_has_no_seam(dataset):
    """Beside the object, in and out of the window, a picture does not depend on its colour, and hardly on its size."""
    small, large = (picture(dataset, object_scale=scale, object_shape=2) for scale in (0, 3))
    beside = ~object_pixels(dataset, object_scale=3, object_shape=2)
    assert np.median(np.abs(small - large).max(axis=0)[beside]) == 0


def test_stored_layers_are_those_that_are_rendered_now(dataset):
    """Where this fails after a change, raise the VERSION of the scene."""
    pictures, layers = isaac3d_scene.render_place(1, 6, 3)
    row = dataset.images[(1 * 8 + 6) * 5 + 3]
    assert np.array_equal(row, np.concatenate([pictures.ravel(), layers.ravel()]))

"""Rendered RGB-D objects: depth in metres that fits the colours, heights and poses that change them."""

import numpy as np
import pytest

from datasets.rendered import rgbd_objects
from datasets.rendered.catalogue import catalogue_object
from datasets.rendered.rgbd_objects import DISTANCES, RADII, RenderedRGBDObjects
from datasets.rendered.turntable import photographs
from foundation.randomness import stream

UNUSED = stream(0, "unused")


@pytest.fixture(scope="module")
def colours():
    return RenderedRGBDObjects()


@pytest.fixture(scope="module")
def depths():
    return RenderedRGBDObjects(depth=True)


def metres(depths, category, azimuth=0, pose=0):
    image = depths.get_img_by_latent(np.array([category, 0, azimuth, pose]), UNUSED).numpy()
    assert np.array_equal(image[0], image[1]) and np.array_equal(image[0], image[2])
    return 4 * image[0]


def test_depth_is_known_on_the_object_and_lies_within_its_ball(colours, depths):
    for category in range(51):
        depth = metres(depths, category, category % 4, 5 * category)
        image = colours.get_img_by_latent(np.array([category, 0, category % 4, 5 * category]), UNUSED).numpy()
        covered = image.max(axis=0) > 0
        assert np.array_equal(depth > 0, covered) and covered.mean() > 0.05
        middle, radius = DISTANCES[category], RADII[category]
        assert 0.5 < middle - radius - 1e-4 <= depth[covered].min() and depth[covered].max() <= middle + radius + 1e-4 < 1.2
        assert np.ptp(depth[covered]) > 0.2 * radius, "no object is flat"


def test_depth_is_that_of_the_rays_to_a_millimetre(depths):
    _, exact, covered = photographs(catalogue_object(rgbd_objects.FIRST_OBJECT + 30), rgbd_objects.turn_cameras(30, 2)[100:101])
    depth = metres(depths, 30, 2, 100)
    assert np.abs(depth - RADII[30] * exact[0])[covered[0]].max() < 0.6e-3


def test_nearer_parts_are_lower_in_the_picture_from_high_above(depths):
    """A can from above: its foot is farther away than its lid."""
    depth = metres(depths, 13, azimuth=3)
    rows = np.flatnonzero((depth > 0).any(axis=1))
    top, foot = depth[rows[len(rows) // 3]], depth[rows[-3]]
    assert top[top > 0].min() < foot[foot > 0].min()


def test_each_factor_changes_the_picture_and_pose_in_small_steps(colours):
    def difference(one, other):
        images = [colours.get_img_by_latent(np.array(factors), UNUSED).numpy() for factors in (one, other)]
        return np.abs(images[0] - images[1]).mean()

    for category in range(0, 50, 3):
        assert difference((category, 0, 1, 40), (category + 1, 0, 1, 40)) > 0.03
        assert difference((category, 0, 1, 40), (category, 0, 2, 40)) > 0.005
        step, half = difference((category, 0, 1, 262), (category, 0, 1, 0)), difference((category, 0, 1, 131), (category, 0, 1, 0))
        assert 0 < step < half


def test_stored_pictures_are_those_that_are_rendered_now(colours):
    """Where this fails after a change, raise the VERSION of what was changed."""
    drawn = rgbd_objects.render_turn(22, 1)
    stored = colours.images.reshape(51, 4, 263, 4, 64, 64)[22, 1]
    assert np.array_equal(drawn, stored)

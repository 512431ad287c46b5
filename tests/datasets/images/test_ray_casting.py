"""Surfaces that can be described in two ways are met at the same distance."""

import numpy as np

from datasets.images.ray_casting import ball, convex, lid, nearest, revolved, tube, unit_cube
from foundation.randomness import stream

EYE = np.array([4.0, -2.5, 1.5])


def rays(aim=(0.0, 0.0, 0.0)):
    """Rays around the direction from the eye to `aim`: [2000, 3], of unequal lengths."""
    rng = stream(0, "rays")
    return (np.array(aim) - EYE + rng.normal(0, 1, (2000, 3))) * rng.uniform(0.2, 2, (2000, 1))


def test_a_ball_turned_on_the_lathe_is_a_ball():
    expected, _ = ball(1, 0, EYE, rays())
    assert 0.1 < np.isfinite(expected).mean() < 0.9
    np.testing.assert_allclose(revolved((-1, 0, 1), (False, False), EYE, rays()), expected, rtol=1e-9)


def test_a_cylinder_is_its_side_and_its_lid_and_an_open_one_shows_its_inside():
    side, top = tube(1, -1, 1, EYE, rays()), lid(1, 1, EYE, rays())
    closed = revolved((0, 0, 1), (True, True), EYE, rays())
    np.testing.assert_allclose(closed, nearest(side, top)[0], rtol=1e-9)
    open_ = revolved((0, 0, 1), (True, False), EYE, rays())
    through = np.isfinite(top[0]) & ~(side[0] <= top[0])
    assert through.sum() > 50 and np.all(open_[through] > top[0][through])
    assert np.array_equal(open_[~through], closed[~through])


def test_the_points_of_a_turned_surface_have_its_radius():
    bend, slope, level = 0.3, -0.2, 0.4
    distance = revolved((bend, slope, level), (False, False), EYE, rays())
    points = (EYE + distance[:, None] * rays())[np.isfinite(distance)]
    assert len(points) > 100 and np.abs(points[:, 2]).max() < 1
    np.testing.assert_allclose((points[:, :2] ** 2).sum(axis=1), (bend * points[:, 2] + slope) * points[:, 2] + level, atol=1e-9)


def test_a_cube_is_what_lies_behind_its_six_planes():
    planes = np.concatenate([np.concatenate([sign * np.eye(3), np.ones((3, 1))], axis=1) for sign in (-1, 1)])
    expected = unit_cube(EYE, rays())
    assert 0.1 < np.isfinite(expected).mean() < 0.9
    np.testing.assert_allclose(convex(planes, EYE, rays()), expected, rtol=1e-9)


def test_what_lies_behind_the_eye_is_not_met():
    away = -rays()
    planes = np.concatenate([np.concatenate([sign * np.eye(3), np.ones((3, 1))], axis=1) for sign in (-1, 1)])
    for distance in (unit_cube(EYE, away), convex(planes, EYE, away), revolved((0, 0, 1), (True, True), EYE, away)):
        assert np.isinf(distance).mean() > 0.95 and distance.min() > 0

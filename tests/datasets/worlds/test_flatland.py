"""FlatLand: the walk of the public environment, the frames it drew, and what actions do to the picture."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets.worlds.flatland import FlatLand
from datasets.worlds.flatland_rules import SMALL_BALL, STANDARD
from foundation.errors import UserError
from foundation.randomness import stream


@pytest.fixture(scope="module")
def flatland():
    return FlatLand()


def centre(image):
    """Mean column and row of the pixels that are on."""
    row, column = np.nonzero(image.numpy()[0])
    return column.mean() + 0.5, row.mean() + 0.5


@pytest.fixture(scope="module")
def recorded():
    if "FOVEA_REFERENCE" not in os.environ:
        pytest.skip("FOVEA_REFERENCE names no folder with frames of the public environment")
    with np.load(Path(os.environ["FOVEA_REFERENCE"]) / "frames" / "flatland.npz") as file:
        return {name: file[name] for name in ("frames", "actions", "pos_before", "pos_after")}


def test_every_step_of_the_public_environment_is_made_exactly(recorded):
    steps = zip(recorded["pos_before"].tolist(), recorded["actions"].tolist(), strict=True)
    assert [STANDARD.moved(*before, action) for before, action in steps] == [tuple(after) for after in recorded["pos_after"].tolist()]


def test_every_frame_of_the_public_environment_is_drawn_exactly(recorded, flatland):
    replayed = FlatLand(frames=400)
    replayed.positions = recorded["pos_after"]
    images = replayed.observations(np.arange(400), stream(0, "noise"))
    published = np.unpackbits(recorded["frames"], axis=1).reshape(400, 1, 64, 64)
    assert np.array_equal(images.numpy(), published)


def test_a_contact_that_the_physics_engine_misses_is_made_up_for_half_a_pixel_later():
    assert STANDARD.moved(27.0, 40.0, 1) == (55.0, 40.0)
    assert STANDARD.moved(27.0, 32.0, 1) == (55.5, 32.0)
    assert STANDARD.moved(51.5, 57.5, 2) == (51.5, 29.0)
    assert SMALL_BALL.moved(25.0, 50.0, 1) == (67.0, 50.0)
    assert SMALL_BALL.moved(25.0, 26.0, 1) == (68.0, 75.0), "a late contact finds both coordinates below 28"


@pytest.mark.parametrize("small_ball", [False, True])
def test_the_actions_of_the_walk_lead_from_frame_to_frame(small_ball):
    world = FlatLand(small_ball=small_ball)
    assert len(world.factors) == 10_000 and len(world.walk.actions) == 9_999
    assert np.all(np.abs(np.bincount(world.walk.actions, minlength=4) - 2500) < 5 * np.sqrt(2500))
    lowest, highest = world.edition.reach
    assert world.positions.min() >= lowest and world.positions.max() <= highest
    moved = np.diff(world.positions, axis=0)
    step, turn = world.edition.step, world.edition.turn
    directions = np.array([[0, -1], [-1, 0], [0, 1], [1, 0]])[world.walk.actions]
    plain = np.abs(moved).max(axis=1) <= step
    assert np.array_equal(moved[plain], step * directions[plain])
    assert 0.1 < 1 - plain.mean() < 0.25, "one action in six meets a wall"
    # What meets a wall goes on from the other side, but for the half pixels of a contact that was missed and for corners.
    along = (moved[~plain] * directions[~plain]).sum(axis=1)
    assert np.mean(along == step - turn) > 0.5
    drifting = np.unique(world.positions)
    assert len(drifting) > 30, "positions leave the lattice of the step"


def test_actions_know_their_axes_inverses_and_angles(flatland):
    space = flatland.walk.space
    assert space.names == ("y -", "x -", "y +", "x +")
    assert space.inverses == (2, 3, 0, 1)
    angle = 2 * math.pi * 5 / 33
    assert space.angles == pytest.approx((-angle, -angle, angle, angle))
    assert FlatLand(small_ball=True).walk.space.angles[3] == pytest.approx(2 * math.pi * 10 / 52)


@pytest.mark.parametrize(("small_ball", "pixels"), [(False, 688), (True, 188)])
def test_x_moves_the_disc_right_and_y_moves_it_up(small_ball, pixels):
    world = FlatLand(small_ball=small_ball, frames=3000)
    images = world.observations(np.arange(3000), stream(0, "noise"))
    whole = images.sum(dim=(1, 2, 3)) == images.sum(dim=(1, 2, 3)).max()
    assert images.sum(dim=(1, 2, 3)).max() == pixels
    left, top = (10, 74) if not small_ball else (20, 84)
    for k in np.flatnonzero(whole.numpy())[::50]:
        assert centre(images[k]) == (np.floor(world.positions[k, 0]) - left, top - np.floor(world.positions[k, 1]))


def test_three_channels_are_equal_and_whole_pixels_are_discrete_factors(flatland):
    grey, coloured = flatland, FlatLand(channels=3, in_pixels=True)
    indices = np.array([[0, 5], [7, 9000]])
    one, three = grey.observations(indices, stream(0, "a")), coloured.observations(indices, stream(0, "a"))
    assert torch.equal(one.expand_as(three), three)
    assert coloured.factor_space.sizes == (35, 35)
    assert np.array_equal(coloured.factors[indices], np.floor(grey.factors[indices]) - 25)


def test_seeds_make_walks_and_the_same_seed_the_same(flatland):
    assert np.array_equal(FlatLand().positions, flatland.positions)
    assert not np.array_equal(FlatLand(seed=1).positions, flatland.positions)
    assert np.array_equal(FlatLand(frames=50).positions, flatland.positions[:50])


def test_what_is_no_walk_is_refused():
    with pytest.raises(UserError, match="1 or 3"):
        FlatLand(channels=2)
    with pytest.raises(UserError, match="at least 2"):
        FlatLand(frames=1)

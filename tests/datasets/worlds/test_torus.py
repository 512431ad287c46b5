"""The torus: FlatLand's own pictures, and circles that close."""

import math

import numpy as np
import pytest
import torch

from datasets.walks import ActionWalks
from datasets.worlds.flatland import FlatLand
from datasets.worlds.torus import Torus
from foundation.errors import UserError
from foundation.randomness import stream


def test_a_torus_of_33_has_the_pictures_of_flatland():
    world, torus = FlatLand(frames=2000), Torus()
    pixels = np.floor(world.positions).astype(np.int64) - 26
    inside = np.flatnonzero(((pixels >= 0) & (pixels < 33)).all(axis=1))
    same = torus.factors.index_of(pixels[inside])
    assert torch.equal(torus.observations(same, None), world.observations(inside, None))


@pytest.mark.parametrize(("states", "small_ball", "places"), [(33, False, 33), (7, False, 33), (47, True, 47), (7, True, 47)])
def test_places_are_spread_over_a_circle_and_every_disc_is_whole(states, small_ball, places):
    torus = Torus(states, small_ball)
    images = torus.observations(np.arange(states**2), None)[:, 0].numpy()
    assert len(np.unique(images.sum(axis=(1, 2)))) == 1
    assert len(np.unique(images.reshape(states**2, -1), axis=0)) == states**2
    columns = np.array([image.any(axis=0).argmax() for image in images]).reshape(states, states)
    assert np.array_equal(columns[:, 0], columns[:, -1]), "y leaves the column alone"
    rows = np.array([image.any(axis=1).argmax() for image in images]).reshape(states, states)
    assert (np.diff(rows, axis=1) < 0).all(), "y moves up"
    steps = np.diff(columns[:, 0], append=columns[0, 0] + places)
    assert set(steps) <= {places // states, places // states + 1}


def test_actions_close_their_circles():
    torus, walks = Torus(), ActionWalks({"x": 5, "y": 5}, length=40)
    indices, actions = walks.draw(torus, 500, stream(0, "walk"))
    factors = torus.factors[indices]
    moves = np.array([[5, 0], [-5, 0], [0, 5], [0, -5]])[actions]
    assert np.array_equal(factors[:, 1:], (factors[:, :1] + moves.cumsum(axis=1)) % 33)
    assert walks.actions(torus).angles[0] == pytest.approx(2 * math.pi * 5 / 33)


def test_more_states_than_pixels_are_refused():
    with pytest.raises(UserError, match="33 places"):
        Torus(34)

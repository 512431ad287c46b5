"""Paired dSprites: the published steps, and its numbers of actions."""

import numpy as np
import pytest

from datasets.images.dsprites import DSprites
from datasets.walks import ActionWalks
from datasets.worlds import paired_dsprites
from foundation.errors import UserError
from foundation.randomness import stream


def test_steps_are_capped_as_published():
    assert paired_dsprites.steps(4) == {"scale": 2, "orientation": 4, "posX": 4, "posY": 4}
    assert paired_dsprites.steps(30) == {"scale": 2, "orientation": 20, "posX": 20, "posY": 20}
    assert paired_dsprites.steps(1, ("posX",)) == {"posX": 1}


def test_angles_are_those_that_the_release_writes_down_for_an_offset_of_4():
    space = ActionWalks(paired_dsprites.steps(4)).actions(DSprites(root=""))
    assert np.round(space.angles, 2).tolist() == [2.09, -2.09, 0.63, -0.63, 0.79, -0.79, 0.79, -0.79]


def test_actions_have_the_released_numbers_less_the_two_of_the_shape():
    space = ActionWalks(paired_dsprites.steps(4)).actions(DSprites(root=""))
    released = {"scale +": 2, "scale -": 3, "orientation +": 4, "orientation -": 5, "posY +": 8, "posY -": 9, "posX -": 7}
    assert {name: space.names.index(name) + 2 for name in released} == released


def test_pairs_differ_by_their_action_and_by_nothing_else():
    dsprites = DSprites(root="")
    views = ActionWalks(paired_dsprites.steps(4))
    indices, actions = views.draw(dsprites, 5000, stream(0, "pairs"))
    first, second = dsprites.factors[indices[:, 0]], dsprites.factors[indices[:, 1]]
    expected = first.copy()
    names, sizes = dsprites.factor_space.names, dsprites.factor_space.sizes
    for name, action in (("scale", 0), ("orientation", 2), ("posX", 4), ("posY", 6)):
        column, step = names.index(name), paired_dsprites.steps(4)[name]
        expected[:, column] += step * (actions[:, 0] == action) - step * (actions[:, 0] == action + 1)
        expected[:, column] %= sizes[column]
    assert np.array_equal(second, expected)
    assert np.all(np.abs(np.bincount(actions[:, 0], minlength=8) - 625) < 5 * np.sqrt(625))


def test_what_it_does_not_know_is_refused_by_the_view():
    with pytest.raises(UserError, match="no factor 'x'"):
        ActionWalks({"x": 1}).actions(DSprites(root=""))

"""Walks of actions: over a grid, along a recorded walk, with and without what lies between."""

import numpy as np
import pytest
import torch

from datasets.array_dataset import ArrayDataset
from datasets.batches import Observed
from datasets.parts import Training
from datasets.views import RandomPairs
from datasets.walks import ActionWalks, RecordedWalks
from datasets.worlds.flatland import FlatLand
from foundation.errors import UserError
from foundation.randomness import stream
from tests.toys import Squares

STEPS = {"x": 2, "y": 1}


@pytest.fixture(scope="module")
def flatland():
    return FlatLand(frames=500)


def test_a_walk_shows_all_or_its_ends_and_keeps_all_its_actions():
    whole, ends = (ActionWalks(STEPS, length=4, ends_only=ends_only) for ends_only in (False, True))
    all_rows, actions = whole.draw(Squares(), 50, stream(0, "walk"))
    two_rows, same_actions = ends.draw(Squares(), 50, stream(0, "walk"))
    assert all_rows.shape == (50, 5) and two_rows.shape == (50, 2) and actions.shape == (50, 4)
    assert np.array_equal(two_rows, all_rows[:, [0, -1]]) and np.array_equal(actions, same_actions)
    for views in (whole, ends):
        source = Observed(Squares(), views)
        batch = source.draw(8, stream(0, "data"))
        assert batch.observations.shape[:2] == (8, source.spec.views)
        assert batch.actions.shape == (8, (source.spec.views - 1) * source.spec.apart) and batch.actions.dtype == torch.int64
    hidden = Observed(Squares(), ends, reveal_actions=False)
    assert hidden.draw(8, stream(0, "data")).actions is None
    assert not hidden.spec.actions and hidden.spec.apart == 4


def test_moves_that_do_not_count_on_end_at_the_last_value_and_have_no_angle():
    views = ActionWalks(STEPS, cyclic=False)
    assert views.actions(Squares()).angles == (None,) * 4
    indices, actions = views.draw(Squares(), 2000, stream(0, "pairs"))
    factors = Squares().factors[indices]
    moves = np.array([[0, 2, 0], [0, -2, 0], [0, 0, 1], [0, 0, -1]])[actions[:, 0]]
    assert np.array_equal(factors[:, 1], np.clip(factors[:, 0] + moves, 0, [1, 5, 5]))


@pytest.mark.parametrize(
    ("steps", "match"), [({}, "at least one"), ({"x": 6}, "does not fit"), ({"y": 0}, "does not fit"), ({"z": 1}, "no factor")]
)
def test_steps_that_lead_nowhere_are_refused(steps, match):
    with pytest.raises(UserError, match=match):
        ActionWalks(steps).actions(Squares())
    with pytest.raises(UserError, match="at least one action"):
        ActionWalks(STEPS, length=0)


def test_a_continuous_factor_and_a_list_with_gaps_are_refused(flatland):
    with pytest.raises(UserError, match="continuous"):
        ActionWalks({"x": 1}).draw(flatland, 4, stream(0, "walk"))
    gaps = ArrayDataset(np.zeros((3, 4, 4)), np.array([[0, 0], [0, 1], [1, 1]]), ("a", "b"))
    with pytest.raises(UserError, match="lacks combinations"):
        ActionWalks({"a": 1}).draw(gaps, 50, stream(0, "walk"))


def test_recorded_walks_are_stretches_of_the_walk(flatland):
    indices, actions = RecordedWalks(length=3).draw(flatland, 2000, stream(0, "walk"))
    assert np.array_equal(indices, indices[:, :1] + np.arange(4))
    assert indices.min() == 0 and indices.max() == 499
    for rows, taken in zip(indices[:50], actions, strict=False):
        place = tuple(flatland.positions[rows[0]])
        for action in taken.tolist():
            place = flatland.edition.moved(*place, action)
        assert place == tuple(flatland.positions[rows[-1]])
    with pytest.raises(UserError, match="not recorded"):
        RecordedWalks().draw(Squares(), 4, stream(0, "walk"))
    with pytest.raises(UserError, match="no walk of 600"):
        RecordedWalks(length=600, part=Training()).draw(flatland, 4, stream(0, "walk"))


def test_random_pairs_are_independent_and_have_no_actions(flatland):
    indices, actions = RandomPairs().draw(flatland, 5000, stream(0, "pairs"))
    assert actions is None and not RandomPairs().actions(flatland)
    assert indices.shape == (5000, 2)
    assert abs(np.corrcoef(indices.T)[0, 1]) < 0.07

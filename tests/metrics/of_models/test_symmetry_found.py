"""Whether a planted model found the symmetry: it did, or it misses one angle, confuses two actions, or overlaps its planes."""

import math

import numpy as np
import pytest
import torch

from datasets.batches import Observed
from datasets.views import Single
from datasets.walks import ActionWalks
from foundation.randomness import stream
from metrics.of_models.symmetry_found import symmetry_found
from tests.metrics.codes import value
from tests.metrics.of_models.test_action_scores import SKEWED, TRUE, TURNS, Knowing, overall, turn
from tests.planted import Circles, Planted, pairs

RNG = stream(0, "found")


def found(model, **setting):
    return symmetry_found(model, pairs(), RNG, **setting)


class Skewed(Knowing):
    """A model whose maps are right, in planes that overlap."""

    def __init__(self):
        basis = torch.tensor(SKEWED, dtype=torch.float32)
        super().__init__([basis @ matrix @ torch.linalg.inv(basis) for matrix in TRUE])
        self.basis = basis

    def encode(self, observations):
        posterior = super().encode(observations)
        return type(posterior)(posterior.mean @ self.basis.T)

    def action_angles(self):
        return torch.tensor([math.pi / 3, -math.pi / 3, math.pi / 2, -math.pi / 2])


@pytest.mark.parametrize("model", [Knowing(TRUE), Knowing([TRUE[k] for k in (2, 0, 3, 1)], wrong=0), Knowing(TRUE, knows=True)])
def test_right_angles_that_are_chosen_are_found(model):
    scores = found(model, independence=0.95)
    assert overall(scores, "symmetry_found") == 1
    assert all(value(scores, "symmetry_found", name) == 1 for name in TURNS)
    setting = scores.rows[0].setting
    assert (setting["angle"], setting["accuracy"], setting["independence"]) == (0.05, 0.9, 0.95)
    assert setting["chosen_by"] == ("nearest" if model.wrong is None else "policy")


@pytest.mark.parametrize(("off", "is_found"), [(0.04, 1), (0.06, 0)])
def test_one_angle_decides(off, is_found):
    scores = found(Knowing([turn(0, math.pi / 3 + off), *TRUE[1:]], wrong=0))
    assert overall(scores, "symmetry_found") == is_found
    assert [value(scores, "symmetry_found", name) for name in TURNS] == [is_found, 1, 1, 1]
    assert overall(found(Knowing([turn(0, math.pi / 3 + off), *TRUE[1:]]), angle=0.1), "symmetry_found") == 1


class Confusing(Knowing):
    """A policy that is right but for a share of the pairs whose true action is the last: these it takes for the third."""

    def __init__(self, share):
        super().__init__(TRUE, wrong=0)
        self.share = share

    def action_probabilities(self, first, second):
        policy = super().action_probabilities(first, second)
        last = torch.nonzero(policy[:, 3]).ravel()
        policy[last[: round(self.share * len(last))]] = torch.tensor([0.0, 0.0, 1.0, 0.0])
        return policy


@pytest.mark.parametrize(("share", "is_found"), [(0.05, 1), (0.2, 0)])
def test_one_action_that_is_taken_for_another_decides(share, is_found):
    scores = found(Confusing(share))
    assert [value(scores, "symmetry_found", name) for name in TURNS] == [1, 1, 1, is_found]
    assert overall(scores, "symmetry_found") == is_found
    assert overall(found(Confusing(share), accuracy=0.7), "symmetry_found") == 1


def test_a_policy_that_names_another_action_each_time_has_found_nothing():
    """One to one it is, but the elements that it names are not those which do it."""
    assert overall(found(Knowing(TRUE, wrong=1)), "symmetry_found") == 0


def test_known_actions_are_not_relabelled():
    swapped = [TRUE[1], TRUE[0], *TRUE[2:]]
    assert overall(found(Knowing(swapped, knows=True)), "symmetry_found") == 0 and overall(found(Knowing(swapped)), "symmetry_found") == 1


def test_an_action_for_which_none_is_left_is_not_found():
    scores = found(Knowing(TRUE[:2]))
    assert [value(scores, "symmetry_found", name) for name in TURNS] == [1, 1, 0, 0] and overall(scores, "symmetry_found") == 0


def test_independence_decides_where_it_is_asked():
    assert overall(found(Skewed()), "symmetry_found") == 1
    assert overall(found(Skewed(), independence=0.95), "symmetry_found") == 0


def test_steps_on_a_line_have_no_angle_and_are_judged_by_their_choices():
    straight = Observed(Circles(), ActionWalks({"x": 2, "y": 3}, cyclic=False))
    names = symmetry_found(Knowing(TRUE), straight, RNG)
    assert [row.value for row in names.rows] == [1.0] * 5


def test_what_cannot_be_asked_is_refused_with_a_reason():
    assert "no actions of its own" in found(Planted()).refusals[0].reason
    assert "known action apart" in symmetry_found(Knowing(TRUE), Observed(Circles(), Single()), RNG).refusals[0].reason
    assert "there are no pairs of" in found(Knowing(TRUE), rows=2).refusals[0].reason
    refused = found(Knowing(TRUE), independence=0.9, independence_rows=12)
    assert not refused.rows and "raise `rows`" in refused.refusals[0].reason and refused.refusals[0].metric == "symmetry_found"


def test_it_is_a_function_of_its_stream():
    first, second = (symmetry_found(Confusing(0.1), pairs(), stream(5, "score"), rows=300) for _ in range(2))
    np.testing.assert_array_equal([row.value for row in first.rows], [row.value for row in second.rows])

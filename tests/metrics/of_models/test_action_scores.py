"""Scores of actions on a planted world, where every answer is known: two circles, turned by 2 pi / 6 and 2 pi / 4."""

import math

import numpy as np
import pytest
import torch

from datasets.actions import ActionSpace
from datasets.batches import Observed
from datasets.views import Single, WeakPairs
from datasets.walks import ActionWalks
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.of_models.action_confusion import action_confusion, policy_independence
from metrics.of_models.action_matching import matched
from metrics.of_models.action_prediction import action_prediction
from metrics.of_models.angle_error import angle_error, wrapped
from metrics.of_models.independence import independence, independence_of
from metrics.of_models.prediction_error import prediction_error
from metrics.of_models.symmetry_error import four_angles, symmetry_error
from models.groups.acting import Acting
from models.groups.elements import moved
from tests.metrics.codes import value
from tests.planted import Circles, Planted, pairs

TURNS = {"x +": math.pi / 3, "x -": math.pi / 3, "y +": math.pi / 2, "y -": math.pi / 2}
ROTATED = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
SKEWED = np.array([[1, 0, 0.9, 0], [0, 1, 0, 0.9], [0, 0, 1, 0], [0, 0, 0, 1]])
RNG = stream(0, "score")
SCORES = (independence, symmetry_error, action_confusion, angle_error, prediction_error, action_prediction)


def turn(pair, angle):
    matrix = torch.eye(4)
    cosine, sine = math.cos(angle), math.sin(angle)
    matrix[2 * pair : 2 * pair + 2, 2 * pair : 2 * pair + 2] = torch.tensor([[cosine, -sine], [sine, cosine]])
    return matrix


TRUE = [turn(0, math.pi / 3), turn(0, -math.pi / 3), turn(1, math.pi / 2), turn(1, -math.pi / 2)]


class Knowing(Acting, Planted):
    """The planted codes with maps of its own. A policy names the nearest, or one that is `wrong` places off; None: there is none."""

    def __init__(self, matrices, knows=False, wrong=None):
        super().__init__()
        self.matrices, self.knows_actions, self.wrong = torch.stack(list(matrices)), knows, wrong

    @property
    def action_names(self):
        return tuple(f"own {k}" for k in range(len(self.matrices)))

    def action_angles(self):
        return torch.atan2(self.matrices[:, [1, 3], [0, 2]], self.matrices[:, [0, 2], [0, 2]]).sum(1)

    def acted(self, codes):
        return moved(self.matrices, codes)

    def action_probabilities(self, first, second):
        if self.wrong is None:
            return None
        distances = (self.acted(self.encode(first).mean) - self.encode(second).mean.unsqueeze(1)).square().sum(2)
        return torch.nn.functional.one_hot((distances.argmin(1) + self.wrong) % len(self.matrices), len(self.matrices)).float()


def overall(scores, metric="action_accuracy", **setting):
    """The first row of this metric and setting for all actions together: later ones are its minimum or maximum."""
    return next(r.value for r in scores.rows if r.metric == metric and r.factor is None and setting.items() <= dict(r.setting).items())


@pytest.mark.parametrize("basis", [None, ROTATED], ids=["own planes", "turned planes"])
def test_two_circles_in_planes_of_their_own_are_independent_and_turn_by_the_true_angles(basis):
    model = Planted(basis)
    assert value(independence(model, pairs(), RNG, rows=2000), "independence", fit="least_squares") == pytest.approx(1, abs=1e-6)
    found = symmetry_error(model, pairs(), RNG, rows=2000, fits=("least_squares",))
    assert value(found, "symmetry_error") < 1e-4
    for name, angle in TURNS.items():
        assert value(found, "fitted_angle", name) == pytest.approx(angle, abs=1e-4)


def test_the_released_fit_finds_the_planted_maps_too_but_its_figure_does_not_tell():
    found = independence(Planted(), pairs(), stream(0, "released"))
    assert value(found, "independence", fit="released") > 0.8  # it begins at a singular matrix, and does not always arrive
    errors = symmetry_error(Planted(), pairs(), stream(0, "released"), fits=("released",))
    assert value(errors, "symmetry_error", "x +", fit="released") < 0.05
    assert value(errors, "released_symmetry_error", statistic="mean") > 0.2


@pytest.mark.parametrize("angle", [0.3, 0.952, 2.0, -0.952])
def test_the_mean_of_four_angles_of_a_perfect_rotation_is_half_of_it(angle):
    block = turn(0, angle)[None, :2, :2].numpy()
    folded = min(abs(angle), math.pi - abs(angle))  # what asin sees of it; both its sines cancel
    assert four_angles(block).mean() == pytest.approx(abs(angle) / 2) and np.abs(four_angles(block))[0, 1] == pytest.approx(folded)


def test_overlapping_planes_are_not_independent():
    skewed = independence(Planted(SKEWED), pairs(), RNG, rows=2000, fits=("least_squares",))
    assert value(skewed, "independence") < 0.6
    matrix = skewed.matrices["action_directions_least_squares"]
    assert matrix.rows == tuple(TURNS) and matrix.values[0, 2] != pytest.approx(0, abs=1e-3)


def test_independence_by_hand():
    """Of actions a, b of one factor and c of the other, the cosines with c are 0.2 and -0.7: the largest is 0.2, whatever the order."""
    alike = np.array([[[1, -1, 0.2], [-1, 1, -0.7], [0.2, -0.7, 1]]])
    space = ActionSpace(("x", "x", "y"), (1, -1, 1), (None,) * 3)
    assert independence_of(alike, space) == pytest.approx(0.8)
    assert independence_of(np.concatenate([alike, -alike]), space) == pytest.approx(1 - (0.2 + 0.7) / 2)


def test_centring_finds_circles_about_another_point():
    class Shifted(Planted):
        def encode(self, observations):
            posterior = super().encode(observations)
            return type(posterior)(posterior.mean + 3)

    errors = {
        c: value(symmetry_error(Shifted(), pairs(), RNG, rows=2000, fits=("least_squares",), centred=c), "symmetry_error")
        for c in (False, True)
    }
    assert errors[True] < 0.02 < errors[False]


def test_own_actions_are_right_up_to_a_relabelling():
    order = [2, 0, 3, 1]
    model = Knowing([TRUE[k] for k in order], wrong=0)
    found = action_confusion(model, pairs(), RNG)
    for chooser in ("policy", "nearest"):
        assert overall(found, "action_accuracy", chosen_by=chooser) == 1
        np.testing.assert_array_equal(found.matrices[f"action_confusion_{chooser}"].values, np.eye(4)[order].T)
    assert value(found, "policy_independence") == pytest.approx(1)
    assert overall(angle_error(model, pairs(), RNG), "angle_error") < 1e-5
    assert value(prediction_error(model, pairs(), RNG), "prediction_error", of="codes", by="policy") < 1e-6


def test_a_policy_that_names_the_next_action_each_time_is_one_to_one_all_the_same():
    model = Knowing(TRUE, wrong=1)
    assert overall(action_confusion(model, pairs(), RNG), "action_accuracy", chosen_by="policy") == 1
    errors = prediction_error(model, pairs(), RNG)
    assert value(errors, "prediction_error", of="codes", by="policy") > 1
    assert value(errors, "prediction_error", of="codes", by="nearest") < 1e-6


def test_a_model_that_knows_its_actions_is_not_relabelled():
    swapped = [TRUE[1], TRUE[0], *TRUE[2:]]
    assert overall(action_confusion(Knowing(swapped, knows=True), pairs(), RNG)) == pytest.approx(0.5, abs=0.06)
    assert overall(action_confusion(Knowing(swapped), pairs(), RNG)) == 1


def test_doing_nothing_has_a_prediction_error_of_one_and_no_angle():
    model = Knowing([torch.eye(4)] * 4)
    errors = prediction_error(model, pairs(), RNG)
    assert value(errors, "prediction_error", of="codes", by="matched") == pytest.approx(1)
    assert value(errors, "prediction_error", of="images", by="matched") == pytest.approx(1)
    assert overall(action_confusion(model, pairs(), RNG), "action_accuracy", chosen_by="nearest") < 0.35
    assert value(angle_error(model, pairs(), RNG), "angle_error", statistic="max") == pytest.approx(math.pi / 2)


def test_more_and_fewer_actions_than_the_data_have():
    six = Knowing([torch.eye(4), *TRUE, turn(0, 0.1)])
    assert overall(action_confusion(six, pairs(), RNG)) == 1
    two = Knowing(TRUE[:2])
    found = angle_error(two, pairs(), RNG)
    assert overall(found, "angle_error") < 1e-5 and {refusal.factor for refusal in found.refusals} == {"y +", "y -"}
    assert value(action_confusion(two, pairs(), RNG), "action_accuracy", statistic="min") == 0
    assert value(prediction_error(two, pairs(), RNG), "prediction_error", of="codes", by="matched") == pytest.approx(2 / 3, abs=0.05)
    assert matched(np.array([[5, 1], [4, 0], [0, 3]]), two).tolist() == [0, -1, 1]


def test_angles_are_taken_the_short_way_round():
    np.testing.assert_allclose(
        wrapped(np.array([0, 0.5, -0.5, 2 * math.pi - 0.5, 7.0, math.pi])), [0, 0.5, 0.5, 0.5, 7 - 2 * math.pi, math.pi], atol=1e-12
    )


def test_policy_independence_by_hand():
    policy = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 1.0, 0], [0.6, 0.8, 0]])
    assert policy_independence(np.array([0, 1, 1, 2]), policy) == pytest.approx(1 - (0 + 0.6 + 0.8) / 3)
    assert policy_independence(np.zeros(4, int), policy) == 0


def test_a_forest_reads_actions_off_codes_and_policies():
    model = Knowing(TRUE, wrong=1)
    found = action_prediction(model, pairs(), stream(0, "forest"))
    assert value(found, "action_prediction", read="policy") == 1 and value(found, "action_prediction", read="codes") > 0.8

    class Blind(Planted):
        def encode(self, observations):
            posterior = super().encode(observations)
            return type(posterior)(0 * posterior.mean)

    assert value(action_prediction(Blind(), pairs(), stream(0, "forest")), "action_prediction") < 0.35


def test_baselines_get_what_can_be_computed_of_them_and_reasons_for_the_rest():
    single, held_out = Observed(Circles(), Single()), pairs()
    for score in SCORES:
        found = score(Planted(), single, stream(0, "score"))
        assert not found.rows and "action" in found.refusals[0].reason
    for score in (independence, symmetry_error, action_prediction):
        assert score(Planted(), single, stream(0, "score"), pairs=held_out).rows
    for score in (action_confusion, angle_error, prediction_error):
        assert "no actions of its own" in score(Planted(), single, stream(0, "score"), pairs=held_out).refusals[0].reason


def test_what_cannot_be_measured_is_refused_with_a_reason():
    one_factor = Observed(Circles(), ActionWalks({"x": 1}))
    assert "independent of" in independence(Planted(), one_factor, RNG).refusals[0].reason
    assert "raise `rows`" in independence(Planted(), pairs(), RNG, rows=12).refusals[0].reason
    redrawn = Observed(Circles(), WeakPairs())
    assert "redrawn" in independence(Planted(), redrawn, RNG).refusals[0].reason
    several = pairs(length=2)
    assert "one known action apart" in action_confusion(Knowing(TRUE), several, RNG).refusals[0].reason
    straight = Observed(Circles(), ActionWalks({"x": 2, "y": 3}, cyclic=False))
    assert {refusal.factor for refusal in symmetry_error(Planted(), straight, RNG).refusals} == set(TURNS)
    assert not angle_error(Knowing(TRUE), straight, RNG).rows
    with pytest.raises(UserError, match="least_squares or released"):
        independence(Planted(), pairs(), RNG, fits=("closed",))


@pytest.mark.parametrize("score", SCORES)
def test_a_score_is_a_function_of_its_stream(score):
    model = Knowing(TRUE, wrong=0)
    first, second = (score(model, pairs(), stream(5, "score")) for _ in range(2))
    assert [row.value for row in first.rows] == [row.value for row in second.rows]

"""Discovery: mixtures of linear maps find actions in any basis, planes find their pairs, and RGrVAE learns what nobody told it."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.of_models.action_confusion import action_confusion
from metrics.of_models.angle_error import angle_error
from metrics.of_models.prediction_error import prediction_error
from models.groups.discovery import Discovery
from models.groups.elements import GroupElements
from models.groups.estimation import Responsibilities
from models.groups.linear_mixture import discovered, fitted
from models.groups.planes import couples, placed
from models.groups.prediction import Prediction
from models.groups.rgrvae import RGrVAE
from models.groups.structure import Structure
from models.likelihoods import SquaredError
from models.schedules import Constant
from models.vae import VAE
from tests.metrics.codes import value
from tests.planted import LinearNetwork, Planted, VectorPolicy, pairs, trained
from training.noise import noise

ROTATIONS = ((0.95, 0), (-0.95, 0), (0.6, 1), (-0.6, 1))
ELEMENTS = partial(GroupElements, keep_signs=True, smallest_angle=0.1)


def rotation(angle, pair, dimensions=4):
    matrix = np.eye(dimensions)
    matrix[2 * pair : 2 * pair + 2, 2 * pair : 2 * pair + 2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    return matrix


def turned(seed, rotations=ROTATIONS, dimensions=4):
    """The rotations in a random basis Q and order: Q, the matrices, and which rotation each of them is."""
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.standard_normal((dimensions, dimensions)))
    order = rng.permutation(len(rotations))
    return basis, np.stack([basis @ rotation(*rotations[k], dimensions) @ basis.T for k in order]), order


@pytest.mark.parametrize("seed", range(6))
def test_planes_go_to_pairs_that_the_code_can_be_turned_to(seed):
    """There is a rotation of the whole code, no mirroring, that makes every map the rotation of its pair, to the left."""
    _, maps, order = turned(seed)
    found = placed(maps)
    assert sorted(one.pair for one in found) == [0, 1]
    frame = np.zeros((4, 4))
    for one in found:
        assert {*order[[one.forward, one.backward]]} in ({0, 1}, {2, 3})
        difference = maps[one.forward] - maps[one.backward]
        first = np.linalg.svd(difference)[0][:, 0]
        second = difference @ first / np.linalg.norm(difference @ first)
        frame[:, 2 * one.pair], frame[:, 2 * one.pair + 1] = first, second
        assert one.angle == pytest.approx(abs(ROTATIONS[order[one.forward]][0]))
    assert np.linalg.det(frame) == pytest.approx(1)
    for one in found:
        assert np.allclose(frame @ rotation(one.angle, one.pair) @ frame.T, maps[one.forward])


def test_planes_that_lie_on_pairs_stay_there():
    rotations = ((-0.3, 2), (0.3, 2), (2.0, 0), (-2.0, 0))
    maps = np.stack([rotation(*one, 6) for one in rotations])
    found = {one.pair: one for one in placed(maps)}
    assert found.keys() == {0, 2}
    assert (found[2].forward, found[2].backward) == (1, 0) and (found[0].forward, found[0].backward) == (2, 3)
    assert found[0].angle == pytest.approx(2.0) and found[2].angle == pytest.approx(0.3)


def test_maps_that_undo_each_other_are_coupled():
    maps = np.stack([rotation(0.2, 0), rotation(0.3, 1), rotation(-0.25, 0), rotation(-0.3, 1)])
    assert sorted(tuple(sorted(couple)) for couple in couples(maps)) == [(0, 2), (1, 3)]


@pytest.mark.parametrize("seed", range(3))
def test_a_mixture_tells_actions_apart_in_any_basis(seed):
    basis, maps, _ = turned(seed)
    rng = np.random.default_rng(seed)
    angles, true = rng.uniform(0, 2 * math.pi, (600, 2)), rng.integers(0, 4, 600)
    circles = np.stack([np.cos(angles[:, 0]), np.sin(angles[:, 0]), np.cos(angles[:, 1]), np.sin(angles[:, 1])], 1)
    before = circles @ basis.T
    after = np.einsum("nij,nj->ni", maps[true], before) + 0.05 * rng.standard_normal((600, 4))
    before, after = torch.from_numpy(before).float(), torch.from_numpy(after).float()
    with noise(seed, "starts"):
        found = discovered(4, before, after, starts=32, rounds=30)
    chosen = found.responsibilities(before, after).argmax(1).numpy()
    owns = [np.bincount(chosen[true == action], minlength=4).argmax() for action in range(4)]
    assert sorted(owns) == [0, 1, 2, 3]
    assert np.mean(chosen == np.array(owns)[true]) > 0.98
    assert np.abs(found.maps[owns].numpy() - maps).max() < 0.05
    assert math.sqrt(float(found.variance)) == pytest.approx(0.05, rel=0.2)
    truth = fitted(torch.from_numpy(maps).float(), before, after, 30)
    assert float(found.likelihood) == pytest.approx(float(truth.likelihood), abs=1e-3), "the likeliest start is the truth"
    worse = fitted(torch.eye(4).repeat(4, 1, 1) + 0.01 * torch.arange(4.0)[:, None, None], before, after, 1)
    assert float(worse.likelihood) < float(truth.likelihood) - 0.1


def model_of(source, seed, **settings):
    backbone = partial(VAE, network=LinearNetwork, likelihood=SquaredError, beta=0.1)
    estimation = Responsibilities(temperature=Constant(0.05), relative=True, prior=1.0)
    with noise(seed, "init"):
        return RGrVAE(
            source.spec,
            backbone=backbone,
            elements=ELEMENTS,
            policy=VectorPolicy,
            estimation=estimation,
            discovery=partial(Discovery, **{"begin": 200, "end": 300, "rows": 512, "slowness": 10.0, **settings}),
            prediction=Prediction(2.0),
        )


@pytest.mark.parametrize("seed", range(4))
def test_the_actions_of_the_planted_world_are_found_from_any_start(seed):
    source = pairs()
    model = model_of(source, seed)
    trained(model, source, 800, rate=1e-2, rates={"elements": 0.01})
    assert value(action_confusion(model, source, stream(0, "score")), "action_accuracy", chosen_by="policy", statistic="min") > 0.95
    assert value(angle_error(model, source, stream(0, "score")), "angle_error", statistic="max") < 0.05
    assert value(prediction_error(model, source, stream(0, "score")), "prediction_error", of="codes", by="policy") < 0.1


@pytest.mark.parametrize("cut", [15, 23, 27])
def test_a_run_killed_at_any_stage_ends_with_the_same_bits(cut):
    source = pairs()
    build = partial(model_of, source, begin=20, end=26, rows=256, starts=8, rounds=5)
    whole, resumed = build(0), build(9)
    trained(whole, source, 32)
    trained(resumed, source, 32, trained(build(0), source, cut))
    before, after = whole.state_dict(), resumed.state_dict()
    assert {"discovery.recent", "discovery.maps", "discovery.places"} <= before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_the_latest_pairs_are_kept_and_no_others():
    discovery = Discovery(Structure(4, ("c+", "c-")), rows=6)
    before = torch.arange(40.0).view(10, 4)
    discovery.remember(before[:4], -before[:4], 0)
    assert discovery._recent().shape == (2, 4, 4) and torch.equal(discovery._recent()[0], before[:4])
    discovery.remember(before[4:8], -before[4:8], 1)
    kept = discovery._recent()
    assert torch.equal(kept[0].sort(0).values, before[2:8]) and torch.equal(kept[1], -kept[0])
    discovery.remember(before, -before, 2)
    assert torch.equal(discovery._recent()[0].sort(0).values, before[4:]), "of a batch that is too large the last pairs"


def test_stages_change_what_they_are_to_change():
    source = pairs()
    model = model_of(source, 0, begin=4, end=8, rows=256)
    batch = source.draw(64, stream(0, "batch"))
    codes = Planted().encode(batch.observations).mean
    slow = model.discovery.slow(*codes.unbind(1))
    assert float(slow.detach()) == pytest.approx(float(model.discovery.slow(*(3 * codes + 1).unbind(1))), rel=1e-4), (
        "its scale is not the code's"
    )
    with torch.autocast("cpu", torch.bfloat16):
        assert float(model.discovery.slow(*codes.unbind(1))) == float(slow), "in full precision, whatever the network's"
    for step in range(4):
        terms = model.losses(batch, step, "model").terms
        assert float(terms["prediction"]) == pytest.approx(
            float(model.discovery.recent[:, :64].diff(dim=0).square().sum(2).mean()), rel=1e-5
        )
    model.eval()
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for step in (3, 4, 5):
        model.losses(batch, step, "model")
    assert all(torch.equal(kept[name], tensor) for name, tensor in model.state_dict().items()), "a look changes nothing"
    model.train()
    with noise(0, "losses"):
        guided = model.losses(batch, 4, "model")
    assert sorted(model.discovery.places.tolist()) == [0, 1, 2, 3] and not torch.equal(kept["elements.angle.raw"], model.elements.angle.raw)
    guided.objective.backward()
    assert model.elements.angle.raw.grad is None, "elements are held while the code turns to them"
    assert model.policy.layers[-1].weight.grad.abs().sum() > 0
    free = model.losses(batch, 8, "model")
    free.objective.backward()
    assert model.elements.angle.raw.grad.abs().sum() > 0


@pytest.mark.parametrize("keep", [False, True])
def test_angles_are_set_within_their_bounds(keep):
    with noise(0, "init"):
        elements = GroupElements(4, keep_signs=keep, smallest_angle=0.3, largest_angle=2.0 if keep else math.inf)
    for element, angle in enumerate((0.9, -1.2, 0.1, -0.5)):
        elements.set_angle(element, angle)
    assert elements.angles().tolist() == pytest.approx([0.9, -1.2, 0.301, -0.5], abs=1e-5)


def test_mistakes_are_named():
    structure = Structure(4, ("c+", "c-"))
    for settings, said in (
        ({"begin": 0}, "not from step 0"),
        ({"begin": 9, "end": 9}, "not from step 9 to step 9"),
        ({"actions": 3}, "an even number"),
        ({"actions": 6}, "at most 4"),
    ):
        with pytest.raises(UserError, match=said):
            Discovery(structure, **settings)
    for labels in (("c+",), ("c", "c"), ("c+", "c+", "c-")):
        with pytest.raises(UserError, match="couples c\\+ with c-"):
            Discovery(Structure(4, labels))
    with pytest.raises(UserError, match="one action apart"):
        model_of(pairs(length=2), 0)

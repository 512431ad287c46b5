"""ForwardVAE, the supervised group VAE and RGrVAE: published sizes, terms against plain computations, learning, resuming."""

import math
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from datasets.actions import ActionSpace
from datasets.batches import Batch, BatchSpec, Observed
from datasets.views import Single, WeakPairs
from datasets.walks import ActionWalks
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.of_models.action_confusion import action_confusion
from metrics.of_models.angle_error import angle_error
from metrics.of_models.elbo import elbo
from metrics.of_models.prediction_error import prediction_error
from models.annealed_vae import AnnealedVAE
from models.factor_vae import FactorVAE
from models.group_networks import ForwardNetwork
from models.groups.elements import GroupElements
from models.groups.estimation import ExpectedReward, Reinforce, Responsibilities, balanced, signed_log_probability
from models.groups.forward_vae import ForwardVAE
from models.groups.policy import PolicyNetwork
from models.groups.prediction import PUBLISHED, Prediction
from models.groups.rgrvae import Restarts, RGrVAE
from models.groups.supervised import SupervisedGroupVAE
from models.likelihoods import SquaredError
from models.model import Posterior, Representer
from models.schedules import Constant, Exploration, Schedule
from models.vae import VAE
from tests.metrics.codes import value
from tests.planted import LinearNetwork, Planted, VectorPolicy, pairs, trained
from tests.toys import Squares
from training.noise import noise
from training.start import load_parts

CPU = torch.device("cpu")


FLATLAND = BatchSpec((1, 64, 64), 2, ActionSpace(("y", "x", "y", "x"), (-1, -1, 1, 1), (-0.952, -0.952, 0.952, 0.952)), population=10_000)
LINEAR = partial(VAE, network=LinearNetwork, likelihood=SquaredError, beta=0.1)
FORWARD = partial(ForwardNetwork, latent_dimensions=4)
PLAIN_VAE = partial(VAE, network=FORWARD, likelihood=SquaredError)
COOLING = partial(Responsibilities, temperature=Schedule(0.5, 0.05, 200, geometric=True), relative=True, balance=3)
ESTIMATIONS = {
    "reinforce": partial(Reinforce, exploration=Exploration(0.5, 0.01), regret=True, accumulate="past"),
    "expected": partial(ExpectedReward, exploration=Constant(0.1)),
    "mean": partial(ExpectedReward, mean=True),
    "responsibilities": COOLING,
}


def built(kind, spec, seed=0, **settings):
    with noise(seed, "init"):
        return kind(spec, **settings)


def supervised(source, seed=0, **settings):
    return built(SupervisedGroupVAE, source.spec, seed, backbone=LINEAR, elements=GroupElements, **settings)


def rgrvae(source, seed=0, estimation=None, backbone=LINEAR, elements=GroupElements, **settings):
    estimation = (estimation or COOLING)()
    return built(RGrVAE, source.spec, seed, backbone=backbone, elements=elements, policy=VectorPolicy, estimation=estimation, **settings)


def parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


def test_models_are_as_large_as_published():
    for activation in ("linear", "selu"):
        network = partial(FORWARD, code_activation=activation)
        backbone = partial(VAE, network=network, likelihood=SquaredError)
        rest = {"elements": GroupElements, "policy": PolicyNetwork, "estimation": Reinforce()}
        assert parameters(built(RGrVAE, FLATLAND, backbone=backbone, **rest)) == 442_289
        assert parameters(built(ForwardVAE, FLATLAND, network=network, likelihood=SquaredError)) == 431_673
    assert parameters(PolicyNetwork((1, 64, 64), 4)) == 10_692


def test_a_fresh_policy_is_uniform_and_its_convolutions_orthogonal():
    policy = PolicyNetwork((1, 64, 64), 6)
    scores = policy(*torch.rand(2, 5, 1, 64, 64))
    assert torch.all(scores == 1) and scores.shape == (5, 6)
    second = policy.features[2].weight.flatten(1)
    torch.testing.assert_close(second @ second.T, torch.eye(16), rtol=1e-4, atol=1e-5)
    with pytest.raises(UserError, match="15 pixels"):
        PolicyNetwork((1, 14, 14), 4)


def test_maps_of_forward_vae_move_the_pair_of_their_factor():
    """FlatLand's actions 0 and 2 (y) share the first pair, 1 and 3 (x) the second."""
    model = built(ForwardVAE, FLATLAND, network=FORWARD, likelihood=SquaredError, released_start=True)
    for action, matrix in enumerate(model.maps.matrices()):
        first = 0 if action in (0, 2) else 2
        expected = torch.eye(4)
        expected[first : first + 2, first : first + 2] = 1
        torch.testing.assert_close(matrix, expected)
    model.maps(torch.randn(5, 4)).square().sum().backward()
    assert torch.all(model.maps.bias.grad == 0) and torch.equal(model.maps.weight.grad != 0, model.maps.free > 0)
    near = built(ForwardVAE, FLATLAND, network=FORWARD, likelihood=SquaredError).maps.matrices()
    assert (near - torch.eye(4)).abs().max() < 0.5 and near[0, :2, :2].det() > 0.3
    free = built(ForwardVAE, FLATLAND, network=FORWARD, likelihood=SquaredError, confined=False)
    free.maps(torch.randn(5, 4)).square().sum().backward()
    assert torch.all(free.maps.bias.grad != 0) and torch.all(free.maps.weight.grad != 0)


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize("prediction", ["code", "image", "both"])
def test_forward_vae_against_a_plain_computation(released, prediction):
    source = Observed(Squares(), ActionWalks({"x": 1, "y": 2}))
    network = partial(ForwardNetwork, latent_dimensions=4)
    model = built(
        ForwardVAE, source.spec, network=network, likelihood=SquaredError, beta=2.0, predicts=prediction,
        released_noise=released, squared_divergence=released,
    )  # fmt: skip
    batch, step = source.draw(6, stream(0, "batch")), 30
    with noise(0, "losses"):
        losses = model.losses(batch, step, "model")
    first, second = batch.observations.unbind(1)
    mean, log_variance = model.network.encode(first)
    target = model.network.encode(second)[0]
    with noise(0, "losses"):
        codes = mean + torch.exp(log_variance if released else log_variance / 2) * torch.randn(6, 4)
    reconstruction = (torch.sigmoid(model.network.decode(codes)) - first).square().mean()
    kl = (0.5 * (log_variance.exp() + mean.square() - 1 - log_variance)).mean()
    reached = torch.stack([model.maps.matrices()[a] @ z for a, z in zip(batch.actions[:, 0], codes, strict=True)])
    in_codes = (reached - target).square().mean()
    in_images = F.binary_cross_entropy(torch.sigmoid(model.network.decode(reached)), second)
    expected = reconstruction + 2 * 0.995**step * (kl**2 if released else kl)
    expected = expected + (prediction != "image") * in_codes + (prediction != "code") * in_images
    torch.testing.assert_close(losses.objective, expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(losses.terms["kl"], 4 * kl, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(losses.terms["reconstruction"], 256 * reconstruction, rtol=1e-5, atol=1e-6)


def test_the_supervised_model_against_a_plain_computation():
    """Three actions between the pictures, of which none is the first three times."""
    source = pairs(length=3)
    model = supervised(source, prediction=Prediction(7.0))
    batch = source.draw(9, stream(0, "batch"))
    with noise(0, "losses"):
        losses = model.losses(batch, 0, "model")
    mean, log_variance = model.network.encode(batch.observations[:, 0])
    with noise(0, "losses"):
        codes = mean + torch.exp(log_variance / 2) * torch.randn(9, 4)
    reconstruction = (torch.sigmoid(model.network.decode(codes)) - batch.observations[:, 0]).square().sum() / 9
    kl = 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum() / 9
    matrices, moved = model.elements.matrices(), []
    for row, code in enumerate(codes):
        for action in batch.actions[row]:
            code = matrices[action] @ code  # x +, x -, y +, y - are c+ 0, c- 0, c+ 1, c- 1
        moved.append(code)
    prediction = (torch.stack(moved) - model.network.encode(batch.observations[:, 1])[0]).square().sum() / 9
    torch.testing.assert_close(losses.objective, reconstruction + 0.1 * kl + 7 * prediction)
    torch.testing.assert_close(losses.terms["prediction"], prediction)


@pytest.mark.parametrize("accumulate", ["none", "past", "to_go"])
@pytest.mark.parametrize("regret", [False, True])
def test_rgrvae_against_a_plain_computation(accumulate, regret):
    """Two actions, REINFORCE: rewards, returns, regret, signed log-probabilities, entropy, prediction from the last code."""
    source = pairs(length=2)
    model = rgrvae(
        source, estimation=partial(Reinforce, accumulate=accumulate, regret=regret, discount=0.9), absolute=True, prediction=Prediction(3.0)
    )
    torch.nn.init.normal_(model.policy.layers[-1].weight, generator=torch.Generator().manual_seed(0))
    batch, drawn = source.draw(9, stream(0, "batch")), []
    take = model.estimation.take
    model.estimation.take = lambda *details: drawn.append(take(*details)) or drawn[-1]
    with noise(0, "losses"):
        losses = model.losses(batch, 0, "model")
    first, second = batch.observations.unbind(1)
    mean, log_variance = model.network.encode(first)
    target = model.network.encode(second)[0]
    with noise(0, "losses"):
        codes = start = mean + torch.exp(log_variance / 2) * torch.randn(9, 4)
    matrices, seen = model.elements.matrices(), first
    rewards, policies, regrets, policy_loss, entropy, before = [], [], [], 0.0, 0.0, 0.0
    for turn in drawn:
        policy = torch.softmax(model.policy(seen, second).abs(), 1)
        distance = (codes - target).square().sum(1)
        all_rewards = distance[:, None] - torch.stack([(codes @ m.T - target).square().sum(1) for m in matrices], 1)
        codes = torch.stack([matrices[a] @ z for a, z in zip(turn.actions, codes, strict=True)])
        rewards.append((distance - (codes - target).square().sum(1)).detach())
        regrets.append((all_rewards.max(1).values.detach() - rewards[-1]).mean() if regret else 0.0)
        policies.append(policy[torch.arange(9), turn.actions])
        entropy = entropy - (policy * policy.log()).sum(1).mean()
        seen = torch.sigmoid(model.network.decode(codes)).detach()
    for k in (0, 1):
        total = rewards[k]
        if accumulate == "past":
            before = total = 0.9**k * rewards[k] + before
        if accumulate == "to_go" and k == 0:
            total = rewards[0] + 0.9 * rewards[1]
        total = total - regrets[k]
        for r, p in zip(total, policies[k], strict=True):
            policy_loss = policy_loss - (r.abs() * (p.log() if r >= 0 else (1 - p).log())) / 9
    bound = (torch.sigmoid(model.network.decode(start)) - first).square().sum() / 9
    bound = bound + 0.1 * 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum() / 9
    prediction = (codes - target).square().sum() / 9
    torch.testing.assert_close(losses.terms["policy_loss"], policy_loss)
    torch.testing.assert_close(losses.objective, bound + 3 * prediction + policy_loss - 0.01 * entropy)


def test_a_move_onto_the_target_is_rewarded():
    """The code (1, 0) and its quarter turn to the left: c+ earns 2, c- loses 2; the policy goes to c+ under every estimation."""
    nothing, distances = torch.full((64,), 2.0), torch.tensor([0.0, 4.0]).repeat(64, 1)
    for name, estimation in ESTIMATIONS.items():
        if name == "responsibilities":
            estimation = partial(Responsibilities, temperature=Constant(1.0))
        scores = torch.zeros(64, 2, requires_grad=True)
        with noise(0, "take"):
            taken = estimation().take(scores.log_softmax(1), nothing, distances, 0, 0, 1)
        assert taken.rewards[0].tolist() == [2, -2]
        partial(Reinforce)().loss([taken]).backward() if name == "reinforce" else estimation().loss([taken]).backward()
        assert torch.all(scores.grad[:, 0] <= 0) and scores.grad[:, 0].sum() < 0, name


def test_the_exact_expectation_is_what_reinforce_estimates():
    scores, rewards = torch.tensor([[0.3, -0.2, 0.8]]), torch.tensor([[0.5, 0.1, 0.4]])
    exact = scores.clone().requires_grad_()
    estimation = ExpectedReward()
    log_policy = exact.log_softmax(1)
    taken = estimation.take(log_policy, torch.ones(1), 1 - rewards, 0, 0, 1)
    estimation.loss([taken]).backward()
    many = scores.repeat(200_000, 1).requires_grad_()
    with noise(0, "many"):
        sampled = Reinforce().take(many.log_softmax(1), torch.ones(len(many)), (1 - rewards).expand_as(many), 0, 0, 1)
    Reinforce().loss([sampled]).backward()
    torch.testing.assert_close(many.grad.sum(0), exact.grad[0], rtol=0.05, atol=2e-3)


def test_sure_policies_with_negative_rewards_stay_finite():
    scores = torch.tensor([[60.0, 0.0, -5.0]], requires_grad=True)
    loss = signed_log_probability(scores.log_softmax(1), torch.tensor([0]), torch.tensor([-2.0]))
    loss.backward()
    assert loss.item() == pytest.approx(120, rel=0.01) and torch.isfinite(scores.grad).all() and scores.grad[0, 0] > 0


def test_exploration_draws_uniform_actions():
    sure = torch.tensor([[8.0, -8.0]]).repeat(20_000, 1).log_softmax(1)
    zeros = torch.zeros(20_000), torch.zeros(20_000, 2)
    with noise(0, "exploring"):
        shares = [
            float(Reinforce(exploration=how).take(sure, *zeros, 10, 1, 2).actions.float().mean()) for how in (None, lambda call: call / 42)
        ]
    assert shares[0] < 1e-3 and shares[1] == pytest.approx(0.25, abs=0.01)  # call 10 * 2 + 1, half of 21/42 at each of two actions


def test_responsibilities_of_a_batch_and_their_balance():
    distances = torch.tensor([[1.0, 2.0], [1.0, 3.0], [1.0, 4.0], [1.0, 5.0]])
    uniform = torch.zeros(4, 2).log_softmax(1)
    plain = Responsibilities(temperature=Constant(2.0)).take(uniform, torch.ones(4), distances, 0, 0, 1).weights
    torch.testing.assert_close(plain, torch.softmax(-distances / 2, 1))
    relative = Responsibilities(temperature=Constant(2.0), relative=True).take(uniform, torch.full((4,), 3.0), distances, 0, 0, 1).weights
    torch.testing.assert_close(relative, torch.softmax(-distances / 6, 1))
    fair = balanced(-distances, 50)
    torch.testing.assert_close(fair.sum(0), torch.tensor([2.0, 2.0]), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(fair.sum(1), torch.ones(4))
    assert fair[0, 1] > fair[3, 1]
    until = Responsibilities(temperature=Constant(1.0), balance=50, balance_until=10)
    shares = [float(until.take(uniform, torch.ones(4), distances, step, 0, 1).weights.mean(0)[1]) for step in (9, 10)]
    assert shares[0] == pytest.approx(0.5, abs=1e-3) and shares[1] < 0.2
    known = Responsibilities(temperature=Constant(1.0), prior=1.0)
    log_policy = torch.tensor([[0.2, 0.8]]).log()
    weights = known.take(log_policy, torch.ones(1), torch.zeros(1, 2), 0, 0, 1).weights
    torch.testing.assert_close(weights, torch.tensor([[0.2, 0.8]]))


def test_actions_are_never_looked_at():
    source = pairs(length=2)
    model = rgrvae(source)
    batch = source.draw(8, stream(0, "batch"))
    found = []
    for actions in (batch.actions, torch.zeros_like(batch.actions), None):
        with noise(0, "losses"):
            found.append(model.losses(Batch(batch.observations, actions), 5, "model").objective)
    assert found[0] == found[1] == found[2]
    hidden = pairs(reveal_actions=False)
    assert rgrvae(hidden).losses(hidden.draw(4, stream(0, "batch")), 0, "model").objective.isfinite()


def test_gradients_go_where_they_are_wanted():
    source = pairs()
    batch = source.draw(8, stream(0, "batch"))

    def moved(prediction=PUBLISHED):
        model = supervised(source, prediction=prediction)
        pair = model.pair(batch, 0)
        return pair.source.requires_grad, pair.target.requires_grad

    assert moved() == (True, True)
    assert moved(Prediction(source_gradient=False)) == (False, True) and moved(Prediction(target_gradient=False)) == (True, False)
    model = supervised(source, prediction=Prediction(from_mean=True))
    torch.testing.assert_close(model.pair(batch, 0).source, model.encode(batch.observations[:, 0]).mean)
    model = rgrvae(source)
    model.losses(batch, 0, "model").objective.backward()
    assert all(p.grad is not None for p in model.parameters())
    owned = [id(p) for player in model.players().values() for p in player.parameters]
    assert len(owned) == len(set(owned)) and set(owned) == {id(p) for p in model.parameters()}
    assert list(model.players()["model"].groups) == ["vae", "policy", "elements"]


def learned(structure, length, steps, rate):
    """The worst angle and the prediction error of a supervised model of the planted world, and the last row of its terms."""
    elements = partial(GroupElements, structure=structure)
    source = pairs(length)
    model = built(SupervisedGroupVAE, source.spec, backbone=LINEAR, elements=elements, prediction=Prediction(2.0))
    journal = trained(model, source, steps, rate=1e-2, rates={"elements": rate})
    angles, errors = (score(model, pairs(), stream(0, "score")) for score in (angle_error, prediction_error))
    worst = value(angles, "angle_error", statistic="max")
    return worst, value(errors, "prediction_error", of="codes", by="matched"), journal.rows[steps]


@pytest.mark.parametrize(("structure", "length"), [(("c+", "c-"), 1), (("c",), 2)], ids=["a rotation each", "an inverse, two actions"])
def test_supervision_finds_the_angles_of_the_planted_world(structure, length):
    """Steps of 2 and 3 on circles of 12: 2 pi / 6 and 2 pi / 4."""
    worst, error, _ = learned(structure, length, 500, 0.02)
    assert worst < 0.1 and error < 0.05


def test_matrices_learn_the_planted_world_too():
    worst, error, terms = learned(("m", "m"), 1, 1000, 0.05)
    assert worst < 0.3 and error < 0.05 and terms["determinant_0"] == pytest.approx(1, abs=0.1)


def test_responsibilities_find_the_actions_of_the_planted_world():
    """From this start; other starts need more than 600 steps, or restarts."""
    source = pairs()
    elements = partial(GroupElements, keep_signs=True, smallest_angle=0.3, start_angles=(0.5, 1.0))
    model = rgrvae(source, 1, elements=elements, prediction=Prediction(2.0))
    trained(model, source, 600, rate=1e-2, rates={"elements": 0.02})
    assert value(action_confusion(model, source, stream(0, "score")), "action_accuracy", chosen_by="policy", statistic="min") > 0.95
    assert value(angle_error(model, source, stream(0, "score")), "angle_error", statistic="max") < 0.1
    assert value(prediction_error(model, source, stream(0, "score")), "prediction_error", of="codes", by="policy") < 0.1


@pytest.mark.parametrize("name", ESTIMATIONS)
@pytest.mark.parametrize("again", [False, True])
def test_a_run_killed_in_the_middle_ends_with_the_same_bits(name, again):
    """Two actions, restarts and a running share of assignments, with a discriminator as a further player."""
    source = pairs(length=2)
    backbone = partial(FactorVAE, network=LinearNetwork, likelihood=SquaredError, discriminator_width=8)
    restarts = Restarts(every=4, until=20, least_share=0.3)
    elements = partial(GroupElements, structure=("c", "m"), change_of_basis="orthogonal")

    def model(seed):
        settings = {"backbone": backbone, "elements": elements, "restarts": restarts, "encode_again": again}
        return rgrvae(source, seed, ESTIMATIONS[name], **settings)

    whole, resumed = model(0), model(9)
    trained(whole, source, 24)
    half = trained(model(0), source, 11)
    trained(resumed, source, 24, half)
    before, after = whole.state_dict(), resumed.state_dict()
    assert "shares" in before and before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_elements_that_nobody_uses_are_restarted_and_only_while_it_is_due():
    source = pairs()
    batch = source.draw(16, stream(0, "batch"))
    model = rgrvae(source, restarts=Restarts(every=10, until=30, least_share=0.1))
    for step, changes in ((0, False), (5, False), (10, True), (40, False)):
        model.shares.copy_(torch.tensor([0.5, 0.05, 0.45, 0.0]))
        before = model.elements.angles()
        with noise(0, "losses", step):
            model.losses(batch, step, "model")
        assert (model.elements.angles() != before).tolist() == ([False, True, False, True] if changes else [False] * 4)
    model.eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.losses(batch, 10, "model")
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_a_trained_vae_becomes_the_backbone():
    single = Observed(pairs().dataset, Single())
    vae = built(partial(AnnealedVAE, network=LinearNetwork, likelihood=SquaredError), single.spec, 5)
    model = rgrvae(pairs(), backbone=partial(AnnealedVAE, network=LinearNetwork, likelihood=SquaredError))
    load_parts(model, vae.state_dict(), ("backbone",), "annealed")
    assert torch.equal(model.network.mean.weight, vae.network.mean.weight)
    other = rgrvae(pairs(), seed=3)
    load_parts(other, {f"backbone.{name}": weight for name, weight in vae.state_dict().items()}, ("backbone",), "another group model")
    assert torch.equal(other.network.mean.weight, vae.network.mean.weight)
    with pytest.raises(UserError, match="'backbone' of wide does not fit"):
        wide = partial(VAE, network=partial(LinearNetwork, latent_dimensions=6), likelihood=SquaredError)
        load_parts(rgrvae(pairs()), built(wide, single.spec).state_dict(), ("backbone",), "wide")


def test_what_scores_and_pictures_ask_for_is_there():
    source = pairs()
    model = rgrvae(source, backbone=partial(VAE, network=LinearNetwork, likelihood=SquaredError))
    assert isinstance(model, Representer) and model.blocks == {"pair_0": slice(0, 2), "pair_1": slice(2, 4)}
    assert {row.metric for row in elbo(model, source, stream(0, "score"), observations=64).rows} == {"elbo", "reconstruction", "kl"}
    first, second = source.draw(3, stream(0, "batch")).observations.unbind(1)
    assert model.acted(model.encode(first).mean).shape == (3, 4, 4)
    torch.testing.assert_close(model.action_probabilities(first, second).sum(1), torch.ones(3))
    assert isinstance(Planted().encode(first), Posterior)


def test_bfloat16_keeps_codes_and_elements_exact():
    source = Observed(Squares(), ActionWalks({"x": 1, "y": 1}))
    model = built(RGrVAE, source.spec, backbone=PLAIN_VAE, elements=GroupElements, policy=PolicyNetwork, estimation=COOLING())
    batch = source.draw(16, stream(0, "batch"))
    found = []
    for enabled in (False, True):
        with noise(0, "losses"), torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            found.append(model.losses(batch, 0, "model"))
            assert model.elements.matrices().dtype == torch.float32
    assert float(found[0].objective) == pytest.approx(float(found[1].objective), rel=0.01)
    assert found[0].terms["angle_0"] == found[1].terms["angle_0"]
    assert math.isclose(float(found[0].terms["order_0"]), 2 * math.pi / abs(float(found[0].terms["angle_0"])), rel_tol=1e-5)


def test_batches_that_do_not_fit_are_refused():
    for source in (Observed(Squares(), Single()), Observed(Squares(), ActionWalks({"x": 1}, 2))):
        with pytest.raises(UserError, match="learns from pairs"):
            supervised(source)
    with pytest.raises(UserError, match="reveal no actions"):
        supervised(pairs(reveal_actions=False))
    with pytest.raises(UserError, match="one action apart"):
        built(ForwardVAE, pairs(length=2).spec, network=LinearNetwork, likelihood=SquaredError)
    with pytest.raises(UserError, match="has but one"):
        rgrvae(
            pairs(),
            backbone=partial(LINEAR, network=partial(LinearNetwork, latent_dimensions=2)),
            elements=partial(GroupElements, structure=("c",)),
        )
    with pytest.raises(UserError, match="none, past, to_go"):
        Reinforce(accumulate="returns")
    assert np.isfinite(float(supervised(Observed(pairs().dataset, WeakPairs())).prediction.gamma))

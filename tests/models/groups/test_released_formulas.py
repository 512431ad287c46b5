"""Group models with the flags of the releases on, term by term against formulas written out here; and facts of fresh models."""

from functools import partial

import numpy as np
import pytest
import torch

from datasets.actions import ActionSpace
from datasets.batches import BatchSpec, Observed
from datasets.walks import ActionWalks
from datasets.worlds.torus import Torus
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.of_models.angle_error import angle_error
from metrics.of_models.prediction_error import prediction_error
from models.annealed_vae import AnnealedVAE
from models.group_networks import BetaCelebNetwork, BetaShapesNetwork, ForwardNetwork
from models.groups.elements import GroupElements
from models.groups.estimation import ExpectedReward, Reinforce
from models.groups.forward_vae import ForwardVAE
from models.groups.policy import PolicyNetwork
from models.groups.prediction import Prediction
from models.groups.rgrvae import RGrVAE
from models.groups.supervised import SupervisedGroupVAE
from models.likelihoods import SquaredError
from models.model import Posterior
from models.vae import VAE
from tests.metrics.codes import value
from tests.planted import SIZE, STEPS, Circles, LinearNetwork, Planted, VectorPolicy, pairs
from tests.toys import MemoryJournal
from training.fit import fit
from training.noise import noise
from training.training import Optimiser, Training

FLATLAND = BatchSpec((1, 64, 64), 2, ActionSpace(("y", "x", "y", "x"), (-1, -1, 1, 1), (-0.952, -0.952, 0.952, 0.952)), population=10_000)
SELU = partial(ForwardNetwork, latent_dimensions=4, code_activation="selu")
close = partial(torch.testing.assert_close, rtol=1e-5, atol=1e-5)


def built(kind, spec, **settings):
    with noise(0, "init"):
        return kind(spec, **settings)


def torus_batch(size=6):
    source = Observed(Torus(), ActionWalks({"x": 5, "y": 5}))
    return source.spec, source.draw(size, stream(0, "batch"))


def divergence(mean, log_variance):
    return 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance)


def matrix(elements, k):
    """Element k of the structure c+, c-, m with bases, by hand."""
    pair, label = divmod(k, 3)
    plain = torch.eye(4)
    if label < 2:
        angle = elements.angle.raw[2 * pair + label]
        block = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()]).view(2, 2)
    else:
        block = elements.blocks["m"][pair]
    plain = plain.clone()
    plain[2 * pair : 2 * pair + 2, 2 * pair : 2 * pair + 2] = block
    basis = elements.basis.weight[k]
    return torch.linalg.inv(basis) @ plain @ basis


@pytest.mark.parametrize("capacity", [None, 3.0])
def test_every_term_of_the_released_rgrvae(capacity):
    """One action, drawn; regret; bases, and matrices of ones; a plain backbone and one with a capacity."""
    spec, batch = torus_batch()
    settings = {"network": SELU, "likelihood": SquaredError}
    backbone = partial(VAE, **settings, beta=2.0) if capacity is None else partial(AnnealedVAE, **settings, gamma=2.0, capacity=capacity)
    elements = partial(GroupElements, structure=("c+", "c-", "m"), change_of_basis="free", released=True)
    model = built(
        RGrVAE, spec, backbone=backbone, elements=elements, policy=PolicyNetwork, estimation=Reinforce(accumulate="past", regret=True),
        prediction=Prediction(5.0), entropy_weight=0.3, absolute=True,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        model.elements.basis.weight.add_(0.2 * torch.randn(6, 4, 4, generator=generator))
        model.policy.scores.weight.normal_(generator=generator)
    drawn, take = [], model.estimation.take
    model.estimation.take = lambda *details: drawn.append(take(*details)) or drawn[-1]
    step = 40_000
    with noise(0, "losses"):
        losses = model.losses(batch, step, "model")
    first, second = batch.observations.unbind(1)
    mean, log_variance = model.network.encode(first)
    target = model.network.encode(second)[0]
    with noise(0, "losses"):
        code = mean + torch.exp(log_variance / 2) * torch.randn(6, 4)

    reconstruction = ((torch.sigmoid(model.network.decode(code)) - first) ** 2).sum() / 6
    kl = divergence(mean, log_variance).sum() / 6
    regulariser = 2 * kl if capacity is None else 2 * (kl - min(capacity * step / 100_000, capacity)).abs()
    actions = drawn[0].actions.tolist()
    assert len(set(actions)) > 1
    reached = torch.stack([matrix(model.elements, a) @ z for a, z in zip(actions, code, strict=True)])
    prediction = ((reached - target) ** 2).sum() / 6
    policy = torch.softmax(model.policy(first, second).abs(), 1)
    each = torch.stack([((code - target) ** 2).sum(1) - ((code @ matrix(model.elements, a).T - target) ** 2).sum(1) for a in range(6)], 1)
    rows = torch.arange(6)
    own, p = each.detach()[rows, actions], policy[rows, actions]
    advantage = own - (each.detach().max(1).values - own).mean()
    policy_loss = -sum(r.abs() * (q.log() if r >= 0 else (1 - q).log()) for r, q in zip(advantage, p, strict=True)) / 6
    entropy = -(policy * policy.log()).sum() / 6
    lengths = sum((torch.linalg.norm(basis, dim=0) - 1).abs().sum() for basis in model.elements.basis.weight)
    determinants = sum((block[0, 0] * block[1, 1] - block[0, 1] * block[1, 0] - 1).abs() for block in model.elements.blocks["m"])
    penalty = lengths + determinants + 0.1 * model.elements.angle.raw.abs().sum()

    terms = {"reconstruction": reconstruction, "kl": kl, "prediction": prediction, "policy_loss": policy_loss, "entropy": entropy}
    for name, expected in terms.items():
        close(losses.terms[name], expected, msg=name)
    close(model.elements.penalty(), penalty)
    close(losses.objective, reconstruction + regulariser + 5 * prediction + policy_loss - 0.3 * entropy + penalty)


@pytest.mark.parametrize("released", [False, True])
def test_every_term_of_forward_vae_with_a_capacity(released):
    spec, batch = torus_batch()
    model = built(
        ForwardVAE, spec, network=SELU, likelihood=SquaredError, beta=3.0, capacity=0.02, lead_in=50,
        released_start=released, released_noise=released, squared_divergence=released,
    )  # fmt: skip
    step = 60
    with noise(0, "losses"):
        losses = model.losses(batch, step, "model")
    first, second = batch.observations.unbind(1)
    mean, log_deviation = model.network.encode(first)
    with noise(0, "losses"):
        code = mean + torch.exp(log_deviation if released else log_deviation / 2) * torch.randn(6, 4)
    k = divergence(mean, log_deviation).mean()
    part = k * 3 * torch.clamp(k - 0.02 / 50 * step, min=0) if released else 3 * (k - 0.02).abs()
    reached = torch.stack([model.maps.weight[a] @ z for a, z in zip(batch.actions[:, 0], code, strict=True)])
    prediction = ((reached - model.network.encode(second)[0]) ** 2).mean()
    reconstruction = ((torch.sigmoid(model.network.decode(code)) - first) ** 2).mean()
    close(losses.terms["reconstruction"] / 4096, reconstruction)
    close(losses.terms["kl"] / 4, k)
    close(losses.terms["prediction"], prediction)
    close(losses.objective, reconstruction + 0.995**step * part + prediction)


def test_the_capacity_of_forward_vae_in_both_forms_by_hand():
    """A divergence of 0.5 or 4.5 nats per dimension; capacities of 0, 0.4, 0.8 and then 0.8, or without an end 4 (released)."""
    settings = {"network": LinearNetwork, "likelihood": SquaredError, "beta": 2.0, "capacity": 0.8, "lead_in": 100}

    def found(step, mean=1.0, **flags):
        model = built(ForwardVAE, pairs().spec, **settings, **{"anneal": 1.0, **flags})
        posterior = Posterior(torch.full((5, 4), mean), torch.zeros(5, 4))
        return float(model.regulariser(posterior, posterior.mean, step)[0])

    assert [found(step) for step in (0, 50, 100, 500)] == pytest.approx([1.0, 0.2, 0.6, 0.6])
    assert found(500, 3.0) == pytest.approx(2 * 3.7)
    released = partial(found, squared_divergence=True)
    assert [released(step) for step in (0, 50, 100)] == pytest.approx([2 * 0.5 * 0.5, 2 * 0.5 * 0.1, 0])
    assert released(500, 3.0) == pytest.approx(2 * 4.5 * (4.5 - 4))
    assert found(2, anneal=0.5) == pytest.approx((1.0 - 2 * 0.016) / 4)
    assert released(2, anneal=0.5) == pytest.approx(2 * 0.5 * (0.5 - 0.016) / 4)
    with pytest.raises(UserError, match="begins before it ends"):
        built(ForwardVAE, pairs().spec, **{**settings, "lead_in": 0})


@pytest.mark.parametrize("absolute", [False, True])
def test_a_fresh_model_chooses_uniformly(absolute):
    spec, batch = torus_batch()
    for structure in (("c+", "c-"), ("0", "c+", "c-")):
        model = built(
            RGrVAE, spec, backbone=partial(VAE, network=SELU, likelihood=SquaredError), policy=PolicyNetwork,
            elements=partial(GroupElements, structure=structure), estimation=ExpectedReward(), absolute=absolute,
        )  # fmt: skip
        chosen = model.action_probabilities(*batch.observations.unbind(1))
        actions = 2 * len(structure)
        close(chosen, torch.full((6, actions), 1 / actions))
        close(model.losses(batch, 0, "model").terms["entropy"], torch.tensor(float(np.log(actions))))


@pytest.mark.parametrize(
    ("network", "parameters"), [(ForwardNetwork, 431_593), (BetaCelebNetwork, 759_625), (BetaShapesNetwork, 14_174_904)]
)
def test_whole_models_are_as_large_as_published_on_every_backbone(network, parameters):
    parts = {"backbone": partial(VAE, network=partial(network, latent_dimensions=4), likelihood=SquaredError), "elements": GroupElements}
    rgrvae = built(RGrVAE, FLATLAND, **parts, policy=PolicyNetwork, estimation=Reinforce())
    assert sum(p.numel() for p in rgrvae.parameters()) == parameters + 10_692 + 4
    assert sum(p.numel() for p in built(SupervisedGroupVAE, FLATLAND, **parts).parameters()) == parameters + 4


def test_in_a_planted_world_the_true_element_earns_the_most():
    """Codes are the circles, elements turn by the true angles: a move onto the target earns the whole distance, its inverse is punished."""
    source = pairs()
    elements = partial(GroupElements, structure=("c+", "c-"))
    backbone = partial(VAE, network=LinearNetwork, likelihood=SquaredError)
    model = built(
        RGrVAE,
        source.spec,
        backbone=backbone,
        elements=elements,
        policy=VectorPolicy,
        estimation=Reinforce(),
        prediction=Prediction(from_mean=True),
    )
    planted = Planted()
    with torch.no_grad():
        model.network.mean.weight.copy_(planted.unmixing)
        model.network.mean.bias.copy_(-0.5 * planted.unmixing.sum(1))
        turns = [2 * np.pi * STEPS[factor] / SIZE for factor in ("x", "y")]
        model.elements.angle.raw.copy_(torch.tensor([turns[0], -turns[0], turns[1], -turns[1]]))
    drawn, take = [], model.estimation.take
    model.estimation.take = lambda *details: drawn.append(take(*details)) or drawn[-1]
    batch = source.draw(200, stream(0, "batch"))
    losses = model.losses(batch, 0, "model")
    rewards, true = drawn[0].rewards, batch.actions[:, 0]
    assert torch.equal(rewards.argmax(1), true)
    length = 2 - 2 * torch.cos(torch.tensor(turns, dtype=torch.float32))[true // 2]
    close(rewards.gather(1, true[:, None])[:, 0], length, rtol=1e-4, atol=1e-4)
    undone = rewards.gather(1, (true ^ 1)[:, None])[:, 0]
    assert undone.max() < -0.5, "two steps back are farther than one"
    assert losses.terms["reward"] <= length.mean()


def test_forward_vae_finds_the_angles_of_the_planted_world():
    """Weights are those of the supervised group model's test, divided by pixels and dimensions."""
    source = pairs()
    weights = {"beta": 0.1 * 4 / 128, "prediction": Prediction(2.0 * 4 / 128), "anneal": 1.0}
    model = built(ForwardVAE, source.spec, network=LinearNetwork, likelihood=SquaredError, **weights)
    players = {"model": Optimiser(1e-2, learning_rates={"elements": 0.02})}
    fit(model, source, Training(1000, 64, players, report_every=100), MemoryJournal(), 0, device=torch.device("cpu"))
    assert value(angle_error(model, source, stream(0, "score")), "angle_error", statistic="max") < 0.1
    assert value(prediction_error(model, source, stream(0, "score")), "prediction_error", of="codes", by="matched") < 0.05
    assert model.action_names == ("x +", "x -", "y +", "y -") and Circles().factor_space.sizes == (SIZE, SIZE)

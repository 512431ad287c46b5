"""What a prediction costs: a hand-worked case, what it cannot be made cheaper by, and what it finds that the squared error loses."""

from functools import partial

import pytest
import torch

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.of_models.angle_error import angle_error
from models.groups.elements import GroupElements
from models.groups.estimation import Responsibilities
from models.groups.forward_vae import ForwardVAE
from models.groups.prediction import Prediction, relative_error
from models.groups.rgrvae import RGrVAE
from models.groups.supervised import SupervisedGroupVAE
from models.likelihoods import SquaredError
from models.schedules import Constant
from models.vae import VAE
from tests.metrics.codes import value
from tests.planted import LinearNetwork, VectorPolicy, pairs, trained
from training.noise import noise

LINEAR = partial(VAE, network=LinearNetwork, likelihood=SquaredError, beta=0.1)

RELATIVE = Prediction(7.0, relative=True, from_mean=True)


def built(source, elements=GroupElements, **settings):
    with noise(0, "init"):
        return SupervisedGroupVAE(source.spec, backbone=LINEAR, elements=elements, **settings)


def test_two_pairs_by_hand():
    """The first pair's action acts on dimension 0, the second's on 1; nothing acts on 2, which varies by 4 about its mean."""
    start = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 5.0]])
    target = torch.tensor([[2.0, 1.0, 1.0], [1.0, 4.0, 5.0]])
    reached = torch.tensor([[1.0, 0.0, 1.0], [0.0, 4.0, 3.0]])
    acting = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    idle = torch.tensor([False, False, True])

    def error(scale=1.0):
        missed, moved = (scale * (reached - target)).square(), (scale * (start - target)).square()
        return float(relative_error(missed, moved, scale * target, acting, idle))

    assert error() == pytest.approx((1 + 1) / 4 + (1 + 0) / 16 + (0 + 4) / (2 * 4), rel=1e-4)
    assert error(scale=7.0) == pytest.approx(error(), rel=1e-4)


def test_the_objective_against_a_plain_computation():
    """Actions x + and x - act on the first pair of dimensions, y + and y - on the second, and on a third pair none."""
    source = pairs()
    network = partial(LinearNetwork, latent_dimensions=6)
    with noise(0, "init"):
        model = SupervisedGroupVAE(source.spec, backbone=partial(LINEAR, network=network), elements=GroupElements, prediction=RELATIVE)
    with torch.no_grad():
        model.network.mean.weight.mul_(30)
    assert model.couples_batch, "a quotient of a batch is none of its pieces"
    batch = source.draw(40, stream(0, "batch"))
    with noise(0, "losses"):
        losses = model.losses(batch, 0, "model")
    first, second = (model.network.mean(batch.observations[:, view]) for view in (0, 1))
    reached = torch.stack([model.elements.matrices()[action] @ code for action, code in zip(batch.actions[:, 0], first, strict=True)])
    expected = 0.0
    for dimension in range(6):
        own = [row for row in range(40) if int(batch.actions[row, 0]) // 2 == dimension // 2]
        missed = (reached - second)[:, dimension].square().sum()
        spread = (second[:, dimension] - second[:, dimension].mean()).square().sum()
        expected += missed / ((first - second)[own, dimension].square().sum() if dimension < 4 else spread)
    torch.testing.assert_close(losses.terms["relative_error"], expected, rtol=1e-3, atol=1e-3)
    bound = losses.terms["reconstruction"] + 0.1 * losses.terms["kl"]
    torch.testing.assert_close(losses.objective, bound + 7 * losses.terms["relative_error"], rtol=1e-4, atol=1e-4)


def test_forward_vae_divides_the_relative_error_by_its_dimensions():
    source = pairs()
    with noise(0, "init"):
        model = ForwardVAE(source.spec, network=LinearNetwork, likelihood=SquaredError, anneal=1.0, prediction=RELATIVE)
    with torch.no_grad():
        model.network.mean.weight.mul_(30)
    assert model.couples_batch
    batch = source.draw(30, stream(0, "batch"))
    with noise(0, "losses"):
        losses = model.losses(batch, 0, "model")
    first, second = (model.network.mean(batch.observations[:, view]) for view in (0, 1))
    actions = batch.actions[:, 0]
    reached = torch.stack([model.maps.matrices()[action] @ code for action, code in zip(actions, first, strict=True)])
    expected = 0.0
    for dimension in range(4):
        own = actions // 2 == dimension // 2
        missed = (reached - second)[:, dimension].square().sum()
        expected += missed / (first - second)[own, dimension].square().sum()
    torch.testing.assert_close(losses.terms["relative_error"], expected, rtol=1e-3, atol=1e-3)
    bound = losses.terms["reconstruction"] / 128 + losses.terms["kl"] / 4
    torch.testing.assert_close(losses.objective, bound + 7 * expected / 4, rtol=1e-3, atol=1e-3)


def test_guessed_actions_count_by_their_probability():
    """RGrVAE, responsibilities: errors of all elements by their weights; moves by the weights of the two that act on a dimension."""
    source = pairs()
    estimation = Responsibilities(temperature=Constant(0.5), relative=True)
    with noise(0, "init"):
        model = RGrVAE(
            source.spec, backbone=LINEAR, elements=GroupElements, policy=VectorPolicy, estimation=estimation, prediction=RELATIVE
        )
        model.network.mean.weight.data.mul_(30)
    batch = source.draw(20, stream(0, "batch"))
    with noise(0, "losses"):
        losses = model.losses(batch, 0, "model")
    first, second = (model.network.mean(batch.observations[:, view]) for view in (0, 1))
    spread = (second - second.mean(0)).square().mean(0)
    squares = torch.stack([first @ matrix.T - second for matrix in model.elements.matrices()], 1).square()
    distances, nothing = (squares / spread).sum(2), ((first - second).square() / spread).sum(1)
    weights = (-distances / (0.5 * nothing.mean())).softmax(1)
    acting = torch.stack([weights[:, 2 * (dimension // 2) :][:, :2].sum(1) for dimension in range(4)], 1)
    below = (acting * (first - second).square()).sum(0)
    expected = ((weights[:, :, None] * squares).sum((0, 1)) / below).sum()
    torch.testing.assert_close(losses.terms["relative_error"], expected, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(losses.terms["reward"], (weights * (nothing[:, None] - distances)).sum(1).mean(), rtol=1e-3, atol=1e-3)
    bound = losses.terms["reconstruction"] + 0.1 * losses.terms["kl"] + losses.terms["policy_loss"] - 0.01 * losses.terms["entropy"]
    torch.testing.assert_close(losses.objective, bound + 7 * expected, rtol=1e-3, atol=1e-3)


def test_an_element_acts_on_its_block_and_in_a_basis_of_its_own_on_everything():
    def acting(*structure, **settings):
        return GroupElements(4, structure=structure, **settings).acting.int().tolist()

    assert acting("c+", "0") == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]]
    assert acting("m3", "ddn") == [[1, 1, 1, 0], [1, 1, 0, 0], [0, 1, 1, 1], [0, 0, 1, 1]]
    assert acting("CN", "c") == [[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1]]
    assert acting("c+", change_of_basis="orthogonal") == [[1] * 4] * 2


@pytest.mark.parametrize("relative", [False, True])
def test_angles_near_nothing_are_left_where_the_error_is_relative(relative):
    """Angles begin near 0, and predictions weigh so much that it is cheaper to shrink the code than to learn them."""
    source = pairs()
    elements = partial(GroupElements, start_angles=(0.0, 0.02))
    model = built(source, elements, prediction=Prediction(30.0, relative=relative, from_mean=True))
    trained(model, source, 400, rate=1e-2, rates={"elements": 0.02})
    worst = value(angle_error(model, pairs(), stream(0, "score")), "angle_error", statistic="max")
    assert worst < 0.1 if relative else worst > 0.5


def test_what_noise_moves_is_no_measure():
    with pytest.raises(UserError, match="from_mean = True"):
        Prediction(relative=True)

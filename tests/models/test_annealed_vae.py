"""The capacity: a function of the step, and a distance on both sides of it."""

from functools import partial

import pytest
import torch

from datasets.batches import Batch, BatchSpec
from models.annealed_vae import AnnealedVAE
from models.likelihoods import SquaredError
from models.model import Posterior
from models.networks import PlainNetwork

SPEC = BatchSpec((1, 32, 32))


def model(**settings):
    return AnnealedVAE(SPEC, network=partial(PlainNetwork, latent_dimensions=4, filters=4), likelihood=SquaredError, **settings)


def test_the_distance_from_a_capacity_that_grows_and_then_stands():
    """A divergence of 4 * 1/2 = 2 nats against capacities 0, 1.5, 3 and 3."""
    posterior = Posterior(torch.ones(5, 4), torch.zeros(5, 4))
    annealed = model(gamma=10.0, capacity=3.0, lead_in=100)
    values = [annealed.regulariser(posterior, posterior.mean, step) for step in (0, 50, 100, 10_000)]
    assert [float(value) for value, _ in values] == pytest.approx([20, 5, 10, 10])
    assert all(float(terms["kl"]) == pytest.approx(2) for _, terms in values)


def test_below_the_capacity_the_divergence_is_pushed_up():
    mean = torch.full((5, 4), 0.1, requires_grad=True)
    model(capacity=3.0, lead_in=1).regulariser(Posterior(mean, torch.zeros(5, 4)), mean, 1)[0].backward()
    assert torch.all(mean.grad < 0)


def test_only_training_steps_move_the_capacity():
    """Losses asked for at other times, in whatever mode, leave no trace."""
    annealed, batch = model(lead_in=10), Batch(torch.rand(3, 1, 1, 32, 32))
    before = {name: value.clone() for name, value in annealed.state_dict().items()}
    for _ in range(20):
        annealed.eval().losses(batch, 3, "model")
    assert all(torch.equal(value, before[name]) for name, value in annealed.state_dict().items())
    posterior = Posterior(torch.zeros(1, 4), torch.zeros(1, 4))
    assert float(annealed.regulariser(posterior, posterior.mean, 5)[0]) == pytest.approx(1000 * 12.5)

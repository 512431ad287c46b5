"""The VAE's objective against torch.distributions; weak supervision against a pair worked by hand."""

from functools import partial

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from datasets.actions import ActionSpace
from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.autoencoder import Autoencoder
from models.likelihoods import CrossEntropy
from models.model import Posterior
from models.networks import EfficientNetwork, PlainNetwork, PoolingNetwork
from models.vae import VAE
from models.weak_vae import WeakVAE, symmetrised_divergence

SMALL = partial(PlainNetwork, latent_dimensions=4, filters=4)
SPEC = BatchSpec((1, 32, 32))
PAIRS = BatchSpec((1, 32, 32), views=2, actions=ActionSpace(("a", "b", "c", "d"), (0,) * 4, (None,) * 4))
FIVE = ActionSpace(("a", "b", "c", "d", "e"), (0,) * 5, (None,) * 5)


def images(*shape):
    return torch.rand(*shape, 1, 32, 32, generator=torch.Generator().manual_seed(0))


def test_divergence_equals_torch():
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    expected = kl_divergence(Normal(mean, torch.exp(log_variance / 2)), Normal(0.0, 1.0))
    torch.testing.assert_close(Posterior(mean, log_variance).kl(), expected)


def test_objective_is_reconstruction_plus_beta_times_divergence():
    losses = {}
    for beta in (1.0, 4.0):
        torch.manual_seed(0)
        model = VAE(SPEC, network=SMALL, likelihood=CrossEntropy, beta=beta)
        torch.manual_seed(1)
        losses[beta] = model.losses(Batch(images(6, 1)), 0, "model")
    for beta, one in losses.items():
        torch.testing.assert_close(one.objective, one.terms["reconstruction"] + beta * one.terms["kl"])
        torch.testing.assert_close(one.terms["elbo"], -one.terms["reconstruction"] - one.terms["kl"])
    torch.testing.assert_close(losses[4.0].objective - losses[1.0].objective, 3 * losses[1.0].terms["kl"], rtol=1e-3, atol=1e-3)


def test_loss_is_per_observation_whatever_the_batch():
    model = VAE(SPEC, network=SMALL, likelihood=CrossEntropy)
    with torch.no_grad():
        model.network.log_variance.bias.fill_(-60)
        model.network.log_variance.weight.zero_()
    one, three = (model.losses(Batch(images(2, 1).repeat(n, 1, 1, 1, 1)), 0, "model").terms["reconstruction"] for n in (1, 3))
    torch.testing.assert_close(one, three)


def test_beta_warms_up_linearly():
    model = VAE(SPEC, network=SMALL, likelihood=CrossEntropy, beta=2.0, warm_up_steps=100)
    posterior = Posterior(torch.ones(3, 4), torch.zeros(3, 4))
    weights = [float(model.regulariser(posterior, posterior.mean, step)[0] / 2.0) for step in (0, 25, 100, 1000)]
    assert weights == pytest.approx([0, 0.5, 2.0, 2.0])


def test_autoencoder_has_no_divergence_and_no_noise():
    model = Autoencoder(SPEC, network=partial(PoolingNetwork, latent_dimensions=4), likelihood=CrossEntropy)
    batch = Batch(images(3, 1))
    first, second = (model.losses(batch, 0, "model") for _ in range(2))
    assert set(first.terms) == {"reconstruction"} and first.objective == second.objective
    posterior = model.encode(batch.observations[:, 0])
    assert posterior.log_variance is None and torch.equal(posterior.sample(), posterior.mean)


def test_vae_refuses_a_network_without_variances():
    with pytest.raises(UserError, match="no variances"):
        VAE(SPEC, network=PoolingNetwork, likelihood=CrossEntropy)


def weak(aggregator, spec=PAIRS, network=SMALL):
    torch.manual_seed(0)
    return WeakVAE(spec, network=network, likelihood=CrossEntropy, aggregator=aggregator)


@torch.no_grad()
def test_labels_average_all_dimensions_but_the_labelled_one():
    model, batch = weak("labels"), Batch(images(3, 2), torch.tensor([[2], [0], [3]]))
    own = model.encode(batch.observations.flatten(0, 1))
    shared = model.posterior(batch)
    for pair, label in enumerate((2, 0, 3)):
        a, b = 2 * pair, 2 * pair + 1
        for dimension in range(4):
            if dimension == label:
                assert shared.mean[a, dimension] == own.mean[a, dimension] and shared.mean[b, dimension] == own.mean[b, dimension]
                assert shared.log_variance[a, dimension] == own.log_variance[a, dimension]
            else:
                middle = (own.mean[a, dimension] + own.mean[b, dimension]) / 2
                variance = (own.log_variance[a, dimension].exp() + own.log_variance[b, dimension].exp()) / 2
                assert shared.mean[a, dimension] == shared.mean[b, dimension]
                assert float(shared.mean[a, dimension]) == pytest.approx(float(middle), abs=1e-6)
                assert float(shared.log_variance[b, dimension].exp()) == pytest.approx(float(variance), rel=1e-5)


def test_argmax_keeps_the_upper_half_of_divergences_of_each_pair():
    """Two pairs of unit variances, so that d is the squared difference: 4, 0.09, 2.25, 0 and, ten times smaller, 0.04, 0.0009, 0.0225, 0.

    The threshold of each pair is half its largest: dimensions 0 and 2 keep their own in both. Over the whole batch only the first
    pair's would.
    """
    first = torch.zeros(2, 2, 4)
    first[0, 1] = torch.tensor([2.0, 0.3, 1.5, 0.0])
    first[1, 1] = 0.1 * first[0, 1]
    log_variances = torch.zeros(2, 2, 4)
    divergence = symmetrised_divergence(first, log_variances)
    torch.testing.assert_close(divergence[0], torch.tensor([4.0, 0.09, 2.25, 0.0]))
    keep = weak("argmax")._differing(Batch(images(2, 2)), first, log_variances)
    assert keep.tolist() == [[True, False, True, False]] * 2


def test_symmetrised_divergence_is_the_mean_of_both_directions_times_two():
    means, log_variances = torch.randn(5, 2, 3), torch.randn(5, 2, 3)
    p, q = (Normal(means[:, i], torch.exp(log_variances[:, i] / 2)) for i in (0, 1))
    expected = kl_divergence(p, q) + kl_divergence(q, p)
    torch.testing.assert_close(symmetrised_divergence(means, log_variances), expected)


@pytest.mark.parametrize(
    ("spec", "aggregator", "word"),
    [
        (SPEC, "argmax", "learns from pairs"),
        (BatchSpec((1, 32, 32), views=2), "labels", "which factor changed"),
        (BatchSpec((1, 32, 32), views=2, actions=FIVE), "labels", "latent_dimensions"),
        (PAIRS, "adaptive", "labels or argmax"),
    ],
)
def test_pairs_that_do_not_fit_are_refused(spec, aggregator, word):
    with pytest.raises(UserError, match=word):
        weak(aggregator, spec)


def test_batch_normalisation_couples_rows():
    assert VAE(SPEC, network=EfficientNetwork, likelihood=CrossEntropy).couples_batch
    assert not VAE(SPEC, network=SMALL, likelihood=CrossEntropy).couples_batch

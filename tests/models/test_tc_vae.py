"""beta-TC-VAE's three terms: they add up to the divergence, and meet the aggregate posterior of a set of 64 images."""

import math
from functools import partial

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal, kl_divergence

from datasets.batches import Batch, BatchSpec
from foundation.errors import UserError
from models.likelihoods import SquaredError
from models.model import Posterior
from models.networks import PlainNetwork
from models.tc_vae import TCVAE, decomposition, log_normal, log_weights
from models.vae import VAE

NETWORK = partial(PlainNetwork, latent_dimensions=3, filters=4)
POPULATION, DIMENSIONS = 64, 3
DRAWS = torch.Generator().manual_seed(0)
MEAN = torch.randn(POPULATION, DIMENSIONS, generator=DRAWS, dtype=torch.float64)
MEAN[:, 1] = 0.8 * MEAN[:, 0] + 0.6 * MEAN[:, 1]
LOG_VARIANCE = 0.5 * torch.randn(POPULATION, DIMENSIONS, generator=DRAWS, dtype=torch.float64) - 1
SET = Posterior(MEAN, LOG_VARIANCE)
CODES = MEAN + torch.exp(LOG_VARIANCE / 2) * torch.randn(POPULATION, DIMENSIONS, generator=DRAWS, dtype=torch.float64)


def build(population=POPULATION, **settings):
    torch.manual_seed(0)
    return TCVAE(BatchSpec((1, 32, 32), population=population), network=NETWORK, likelihood=SquaredError, **settings)


def aggregate():
    """log q(z) and sum_d log q(z_d) of the whole set at CODES, by torch.distributions."""
    equal = Categorical(torch.ones(POPULATION, dtype=torch.float64))
    scale = torch.exp(LOG_VARIANCE / 2)
    joint = MixtureSameFamily(equal, Independent(Normal(MEAN, scale), 1)).log_prob(CODES)
    marginals = (MixtureSameFamily(equal, Normal(MEAN[:, d], scale[:, d])).log_prob(CODES[:, d]) for d in range(DIMENSIONS))
    return joint, sum(marginals)


@pytest.mark.parametrize("estimator", ["weighted", "stratified"])
@pytest.mark.parametrize("rows", [2, 16, POPULATION])
def test_the_three_terms_add_up_to_the_sampled_divergence(estimator, rows):
    posterior = Posterior(MEAN[:rows], LOG_VARIANCE[:rows])
    terms = decomposition(posterior, CODES[:rows], log_weights(rows, POPULATION, estimator).double())
    given = Normal(MEAN[:rows], torch.exp(LOG_VARIANCE[:rows] / 2)).log_prob(CODES[:rows])
    sampled = (given - Normal(0.0, 1.0).log_prob(CODES[:rows])).sum(1).mean()
    torch.testing.assert_close(sum(terms), sampled)


def test_a_sampled_divergence_of_many_draws_is_the_one_in_closed_form():
    many = Posterior(MEAN[:8].repeat(500, 1), LOG_VARIANCE[:8].repeat(500, 1))
    torch.manual_seed(0)
    terms = decomposition(many, many.sample(), torch.zeros(4000, 4000, dtype=torch.float64))
    exact = kl_divergence(Normal(MEAN[:8], torch.exp(LOG_VARIANCE[:8] / 2)), Normal(0.0, 1.0)).sum(1).mean()
    assert float(sum(terms)) == pytest.approx(float(exact), rel=0.03)


def test_stratified_is_exact_where_the_batch_is_the_whole_set():
    joint, product = aggregate()
    information, correlation, dimensions = decomposition(SET, CODES, log_weights(POPULATION, POPULATION, "stratified").double())
    given = Normal(MEAN, torch.exp(LOG_VARIANCE / 2)).log_prob(CODES).sum(1)
    torch.testing.assert_close(correlation, (joint - product).mean(), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(information, (given - joint).mean(), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(dimensions, (product - Normal(0.0, 1.0).log_prob(CODES).sum(1)).mean(), rtol=1e-6, atol=1e-6)
    assert correlation > 0.1


def test_weighted_is_off_by_a_constant_that_moves_nothing():
    joint, product = aggregate()
    weights = log_weights(POPULATION, POPULATION, "weighted").double()
    correlation = decomposition(SET, CODES, weights)[1]
    torch.testing.assert_close(correlation, (joint - product).mean() + (DIMENSIONS - 1) * math.log(POPULATION), rtol=1e-6, atol=1e-6)
    codes = CODES.clone().requires_grad_()
    for weight in (weights, log_weights(POPULATION, 10**6, "weighted").double()):
        (gradient,) = torch.autograd.grad(decomposition(SET, codes, weight)[1], codes)
        torch.testing.assert_close(gradient, torch.autograd.grad(decomposition(SET, codes, weights)[1], codes)[0])


def batches(rows, count):
    """Batches without repetition that hold image 0 first."""
    others = torch.rand(count, POPULATION - 1, generator=torch.Generator().manual_seed(1)).argsort(1)[:, : rows - 1] + 1
    return torch.cat([torch.zeros(count, 1, dtype=torch.int64), others], 1)


def test_stratified_densities_of_small_batches_are_right_on_average():
    """And those of the paper's matrix, which gives one of the others less; ours vary less about the same mean."""
    rows, chosen = 8, batches(8, 40_000)
    densities = log_normal(CODES[0], MEAN[chosen], LOG_VARIANCE[chosen]).sum(2).exp()
    exact = float(aggregate()[0][0].exp())
    others = rows - 1
    published = torch.tensor([1 / POPULATION, (POPULATION - others) / (POPULATION * others), *[1 / others] * (others - 1)]).double()
    ours = log_weights(rows, POPULATION, "stratified")[0].exp().double()
    assert float(ours.sum()) == pytest.approx(1) and float(published.sum()) == pytest.approx(1)
    for weights in (ours, published):
        assert float((densities @ weights).mean()) == pytest.approx(exact, rel=0.02)
    assert (densities @ ours).var() < (densities @ published).var()
    weighted = log_weights(rows, POPULATION, "weighted")[0].exp().double()
    assert float((densities @ weighted * POPULATION).mean()) > 1.5 * exact


def test_a_batch_may_show_a_negative_correlation():
    """Few images of a large set, each far from the others: the joint density is that of a code's own image alone, at 1/N."""
    means = torch.tensor([[-9.0, 9.0], [0.0, 0.0], [9.0, -9.0]])
    posterior = Posterior(means, torch.zeros(3, 2))
    codes = torch.tensor([[-9.0, 0.0], [0.0, 9.0], [9.0, 0.0]])
    assert decomposition(posterior, codes, log_weights(3, 1000, "stratified"))[1] < 0


def test_weights_of_one_give_the_vae_and_each_acts_on_its_term():
    batch = Batch(torch.rand(6, 1, 1, 32, 32, generator=torch.Generator().manual_seed(0)))
    torch.manual_seed(0)
    plain = VAE(BatchSpec((1, 32, 32)), network=NETWORK, likelihood=SquaredError)

    def losses(model):
        torch.manual_seed(1)
        return model.losses(batch, 0, "model")

    base = losses(plain)
    torch.testing.assert_close(losses(build(alpha=1.0, beta=1.0, gamma=1.0)).objective, base.objective)
    for name, term in (("alpha", "mutual_information"), ("beta", "total_correlation"), ("gamma", "dimension_kl")):
        one = losses(build(**({"beta": 1.0} | {name: 3.0})))
        torch.testing.assert_close(one.objective, base.objective + 2 * one.terms[term])


def test_what_it_cannot_do_without_is_asked_for():
    assert build().couples_batch
    with pytest.raises(UserError, match="how many observations there are in all"):
        build(population=None)
    with pytest.raises(UserError, match="weighted or stratified"):
        build(estimator="mss")
    with pytest.raises(UserError, match="batch_size to 2"):
        build().check(Batch(torch.rand(1, 1, 1, 32, 32)))

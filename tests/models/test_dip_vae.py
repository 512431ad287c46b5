"""DIP-VAE's penalty against NumPy's covariance, and what it is a penalty of."""

from functools import partial

import numpy as np
import pytest
import torch

from datasets.batches import BatchSpec
from models.dip_vae import DIPVAEI, DIPVAEII
from models.likelihoods import SquaredError
from models.model import Posterior
from models.networks import PlainNetwork

NETWORK = partial(PlainNetwork, latent_dimensions=3, filters=4)
MEAN = torch.randn(40, 3, generator=torch.Generator().manual_seed(0)) @ torch.tensor([[1.0, 0.5, 0.0], [0, 1, 0], [0, 0, 2]])
LOG_VARIANCE = torch.randn(40, 3, generator=torch.Generator().manual_seed(1)) - 1


def regularised(kind, posterior, **settings):
    model = kind(BatchSpec((1, 32, 32)), network=NETWORK, likelihood=SquaredError, **settings)
    assert model.couples_batch
    return model.regulariser(posterior, posterior.mean, 0)


@pytest.mark.parametrize("kind", [DIPVAEI, DIPVAEII])
def test_penalty_is_the_sum_over_entries_of_the_covariance(kind):
    covariance = np.cov(MEAN.numpy().T, bias=True)
    if kind is DIPVAEII:
        covariance += np.diag(np.exp(LOG_VARIANCE.numpy()).mean(0))
    off_diagonal = sum(covariance[i, j] ** 2 for i in range(3) for j in range(3) if i != j)
    diagonal = sum((covariance[i, i] - 1) ** 2 for i in range(3))
    value, terms = regularised(kind, Posterior(MEAN, LOG_VARIANCE), beta=2.0, off_diagonal=5.0, diagonal=7.0)
    assert float(terms["off_diagonal"]) == pytest.approx(off_diagonal, rel=1e-4)
    assert float(terms["diagonal"]) == pytest.approx(diagonal, rel=1e-4)
    assert float(value) == pytest.approx(2 * float(terms["kl"]) + 5 * off_diagonal + 7 * diagonal, rel=1e-4)


def test_the_penalty_does_not_change_with_the_size_of_the_batch():
    once, terms = regularised(DIPVAEI, Posterior(MEAN, LOG_VARIANCE))
    thrice, _ = regularised(DIPVAEI, Posterior(MEAN.repeat(3, 1), LOG_VARIANCE.repeat(3, 1)))
    torch.testing.assert_close(once, thrice)


def test_codes_distributed_as_the_prior_cost_nothing_under_ii():
    """Means of variance 0.75 and posterior variances of 0.25: the codes' covariance is the identity, that of the means is not."""
    signs = torch.tensor([[i >> bit & 1 for bit in range(3)] for i in range(8)], dtype=torch.float32) * 2 - 1
    posterior = Posterior(signs * 0.75**0.5, torch.full((8, 3), float(np.log(0.25))))
    second, first = (regularised(kind, posterior)[1] for kind in (DIPVAEII, DIPVAEI))
    assert float(second["off_diagonal"] + second["diagonal"]) == pytest.approx(0, abs=1e-9)
    assert float(first["diagonal"]) == pytest.approx(3 * 0.25**2)


def test_the_penalty_is_not_rounded_under_autocast():
    value, _ = regularised(DIPVAEII, Posterior(MEAN, LOG_VARIANCE))
    with torch.autocast("cpu", torch.bfloat16):
        rough, _ = regularised(DIPVAEII, Posterior(MEAN, LOG_VARIANCE))
    torch.testing.assert_close(value, rough)

"""Likelihoods against torch.distributions, closed forms and SciPy."""

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import ContinuousBernoulli as TorchContinuousBernoulli
from torch.distributions import Normal

from foundation.errors import UserError
from models import likelihoods

LOGITS = torch.linspace(-6, 6, 2 * 3 * 16 * 16).reshape(2, 3, 16, 16)[:, :, torch.randperm(16, generator=torch.Generator().manual_seed(0))]
IMAGES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))


def by_pixel(log_density):
    return -log_density.flatten(1).sum(1)


def test_cross_entropy_is_the_published_formula():
    p = torch.sigmoid(LOGITS.double()).clamp(1e-6, 1 - 1e-6)
    expected = -(IMAGES * p.log() + (1 - IMAGES) * (1 - p).log()).flatten(1).sum(1)
    torch.testing.assert_close(likelihoods.CrossEntropy()(LOGITS, IMAGES).double(), expected, rtol=1e-5, atol=1e-3)


def test_cross_entropy_clamps_probabilities():
    logits, image = torch.full((1, 1, 16, 16), 50.0), torch.zeros(1, 1, 16, 16)
    assert likelihoods.CrossEntropy()(logits, image).item() == pytest.approx(-256 * math.log(1e-6), rel=1e-4)
    assert likelihoods.CrossEntropy(clamp=0)(logits, image).item() == pytest.approx(256 * 50, rel=1e-4)


def test_a_perfect_grey_image_costs_nothing_without_its_entropy():
    loss = likelihoods.CrossEntropy(subtract_entropy=True)(torch.logit(IMAGES.clamp(1e-4, 1 - 1e-4)), IMAGES.clamp(1e-4, 1 - 1e-4))
    torch.testing.assert_close(loss, torch.zeros(2), atol=1e-2, rtol=0)


def test_bernoulli_equals_torch_on_binary_images():
    binary = (IMAGES > 0.5).float()
    torch.testing.assert_close(likelihoods.Bernoulli()(LOGITS, binary), by_pixel(TorchBernoulli(logits=LOGITS).log_prob(binary)))


def test_continuous_bernoulli_equals_torch():
    distribution = TorchContinuousBernoulli(logits=LOGITS)
    likelihood = likelihoods.ContinuousBernoulli()
    torch.testing.assert_close(likelihood(LOGITS, IMAGES), by_pixel(distribution.log_prob(IMAGES)), rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(likelihood.expected(LOGITS), distribution.mean, rtol=1e-3, atol=1e-4)


def test_continuous_bernoulli_integrates_to_one_at_any_logit():
    grid = torch.linspace(0, 1, 4001).reshape(-1, 1, 1, 1)
    for logit in (0.0, 1e-3, 0.0101, 2.0, -9.0):
        density = torch.exp(-likelihoods.ContinuousBernoulli()(torch.full_like(grid, logit), grid).double())
        assert torch.trapezoid(density, grid.flatten().double()).item() == pytest.approx(1, abs=1e-4)


def test_gaussian_equals_torch_and_learns_its_scale():
    likelihood = likelihoods.Gaussian()
    with torch.no_grad():
        likelihood.log_scale.fill_(-0.7)
    torch.testing.assert_close(likelihood(LOGITS, IMAGES), by_pixel(Normal(torch.sigmoid(LOGITS), math.exp(-0.7)).log_prob(IMAGES)))
    likelihood(LOGITS, IMAGES).sum().backward()
    assert likelihood.log_scale.grad.item() != 0


def test_squared_error_sums_over_pixels_and_not_over_the_batch():
    one = likelihoods.SquaredError()(LOGITS[:1], IMAGES[:1])
    both = likelihoods.SquaredError()(LOGITS, IMAGES)
    assert both.shape == (2,)
    torch.testing.assert_close(both[:1], one)
    assert one.item() == pytest.approx(float((torch.sigmoid(LOGITS[0]) - IMAGES[0]).square().sum()), rel=1e-5)


def test_structural_similarity_equals_scipy():
    """SSIM map by Wang et al.'s formula, with SciPy's Gaussian filter (reflection without repeating the edge is its `mirror`)."""

    def blurred(image):
        return gaussian_filter(image, 1.5, radius=5, mode="mirror")

    total = 0.0
    for x, y in zip(torch.sigmoid(LOGITS[0]).double().numpy(), IMAGES[0].double().numpy(), strict=True):
        mx, my = blurred(x), blurred(y)
        vx, vy, c = blurred(x * x) - mx**2, blurred(y * y) - my**2, blurred(x * y) - mx * my
        total += np.sum(1 - (2 * mx * my + 1e-4) * (2 * c + 9e-4) / ((mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4)))
    assert likelihoods.StructuralSimilarity()(LOGITS, IMAGES)[0].item() == pytest.approx(total, rel=1e-4)


def test_multi_scale_similarity_is_zero_for_equal_images_and_grows():
    images = torch.rand(2, 1, 64, 64)
    likelihood = likelihoods.MultiScaleStructuralSimilarity()
    same = likelihood(torch.logit(images.clamp(1e-5, 1 - 1e-5)), images)
    other = likelihood(torch.randn(2, 1, 64, 64), images)
    assert torch.all(same.abs() < 1.0) and torch.all(other > 100) and torch.all(other <= 64 * 64)


@pytest.mark.parametrize(
    ("likelihood", "images", "word"),
    [
        (likelihoods.CrossEntropy(), 255 * IMAGES, r"\[0, 1\]"),
        (likelihoods.Gaussian(), IMAGES - 0.5, r"\[0, 1\]"),
        (likelihoods.Bernoulli(), IMAGES, "0 or 1"),
        (likelihoods.MultiScaleStructuralSimilarity(), IMAGES, "25 pixels"),
    ],
)
def test_images_of_the_wrong_range_or_size_are_refused(likelihood, images, word):
    with pytest.raises(UserError, match=word):
        likelihood.check(images)

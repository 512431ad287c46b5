"""How probable an image is, given the pre-activations of a decoder. Each class: `forward` -> nats per image, `expected` -> the image.

Losses are sums over channels and pixels, per image; the mean over a batch is the model's. Sources: the configurations of Dapueto
et al. (2024, arXiv 2409.18017); Loaiza-Ganem and Cunningham (2019, arXiv 1907.06845) for the continuous Bernoulli; Wang et al. (2004)
and (2003) for SSIM and MS-SSIM, which are no likelihoods but stand in the same place.

Differs from the released code: squared error is a sum over pixels only (the release sums over the batch as well).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from foundation.errors import UserError


class Likelihood(nn.Module):
    """Negative logarithm of the likelihood of images in [0, 1] under pre-activations, both [N, C, H, W] -> [N]."""

    def expected(self, logits: Tensor) -> Tensor:
        """The expected image, in [0, 1]."""
        return torch.sigmoid(logits)

    def check(self, images: Tensor) -> None:
        """Raises UserError where images are not what this likelihood can be asked about."""
        low, high = float(images.min()), float(images.max())
        if not (low >= 0 and high <= 1):
            name = type(self).__name__
            raise UserError(f"{name} needs pixels in [0, 1], but the first batch holds {low:.4g} to {high:.4g}; scale the images")


class CrossEntropy(Likelihood):
    """Cross-entropy between pixel values, which may be grey, and predicted probabilities.

    `clamp` keeps probabilities within [clamp, 1 - clamp] (published: 1e-6); 0 leaves them alone, which is the usual binary
    cross-entropy with logits (`bce`). `subtract_entropy` takes off the images' own entropy, so that a perfect grey image costs 0.
    """

    def __init__(self, *, clamp: float = 1e-6, subtract_entropy: bool = False) -> None:
        super().__init__()
        self.bound = math.log((1 - clamp) / clamp) if clamp else math.inf
        self.subtract_entropy = subtract_entropy

    def forward(self, logits: Tensor, images: Tensor) -> Tensor:
        if self.bound < math.inf:
            logits = logits.clamp(-self.bound, self.bound)
        loss = _per_image(F.binary_cross_entropy_with_logits(logits, images, reduction="none"))
        if self.subtract_entropy:
            loss = loss + _per_image(torch.xlogy(images, images) + torch.xlogy(1 - images, 1 - images))
        return loss


class Bernoulli(Likelihood):
    """The Bernoulli distribution itself, for images whose pixels are 0 or 1: a grey pixel has no such likelihood."""

    def forward(self, logits: Tensor, images: Tensor) -> Tensor:
        return _per_image(F.binary_cross_entropy_with_logits(logits, images, reduction="none"))

    def check(self, images: Tensor) -> None:
        if not bool(((images == 0) | (images == 1)).all()):
            raise UserError(
                "Bernoulli needs pixels of 0 or 1, but the first batch holds grey ones; use CrossEntropy or ContinuousBernoulli"
            )


class ContinuousBernoulli(Likelihood):
    """A density on [0, 1]: the Bernoulli form with the constant that makes it integrate to one.

    log C(p) = log( 2 artanh(1 - 2p) / (1 - 2p) ); with p = sigmoid(a) this is log( a / tanh(a / 2) ), and log 2 at a = 0.
    """

    def forward(self, logits: Tensor, images: Tensor) -> Tensor:
        near = logits.abs() < 1e-2
        safe = torch.where(near, torch.ones_like(logits), logits)
        constant = torch.where(near, math.log(2) + logits.square() / 12, torch.log(safe / torch.tanh(safe / 2)))
        return _per_image(F.binary_cross_entropy_with_logits(logits, images, reduction="none") - constant)

    def expected(self, logits: Tensor) -> Tensor:
        """Mean of the density: p / (2p - 1) + 1 / (2 artanh(1 - 2p)), which is (coth(a / 2) - 2 / a + 1) / 2 with p = sigmoid(a)."""
        near = logits.abs() < 1e-1
        safe = torch.where(near, torch.ones_like(logits), logits)
        return torch.where(near, 0.5 + logits / 12, 0.5 * (1 / torch.tanh(safe / 2) - 2 / safe + 1))


class SquaredError(Likelihood):
    """Squared error of the sigmoid, summed over pixels (published name: mse)."""

    def forward(self, logits: Tensor, images: Tensor) -> Tensor:
        return _per_image((torch.sigmoid(logits) - images).square())


class Gaussian(Likelihood):
    """A normal density about the sigmoid, with one learned scale for all pixels (Rybkin et al. 2021, arXiv 2006.13202, sigma-VAE)."""

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(()))

    def forward(self, logits: Tensor, images: Tensor) -> Tensor:
        standardised = (torch.sigmoid(logits) - images) * torch.exp(-self.log_scale)
        return _per_image(0.5 * standardised.square() + self.log_scale + 0.5 * math.log(2 * math.pi))


class StructuralSimilarity(Likelihood):
    """1 - SSIM, summed over channels and pixels. Gaussian window of `window` pixels (standard deviation 1.5), reflected at the border."""

    def __init__(self, *, window: int = 11) -> None:
        super().__init__()
        self.window = window

    def forward(self, logits: Tensor, images: Tensor) -> Tensor:
        luminance, contrast = _similarity_maps(torch.sigmoid(logits), images, self.window)
        return _per_image(1 - luminance * contrast)


class MultiScaleStructuralSimilarity(Likelihood):
    """(1 - MS-SSIM) * H * W over three scales, for images of at least 4 * (window - 1) + 1 pixels a side.

    Wang et al. use five scales; the study keeps the first three of their weights, since its images are small.
    """

    weights = (0.0448, 0.2856, 0.3001)

    def __init__(self, *, window: int = 7) -> None:
        super().__init__()
        self.window = window

    def forward(self, logits: Tensor, images: Tensor) -> Tensor:
        expected, size = torch.sigmoid(logits), images.shape[-2:]
        value = torch.ones(len(images), device=images.device)
        for scale, weight in enumerate(self.weights):
            luminance, contrast = _similarity_maps(expected, images, self.window)
            last = scale == len(self.weights) - 1
            similarity = (luminance * contrast if last else contrast).flatten(1).mean(1)
            value = value * similarity.clamp_min(1e-6) ** weight
            if not last:
                expected, images = F.avg_pool2d(expected, 2), F.avg_pool2d(images, 2)
        return (1 - value) * size[0] * size[1]

    def check(self, images: Tensor) -> None:
        super().check(images)
        least = 2 ** (len(self.weights) - 1) * (self.window - 1) + 1
        if min(images.shape[-2:]) < least:
            size = " x ".join(map(str, images.shape[-2:]))
            raise UserError(f"MS-SSIM with a window of {self.window} needs images of {least} pixels a side or more, not {size}")


def _per_image(values: Tensor) -> Tensor:
    return values.flatten(1).sum(1)


def _similarity_maps(first: Tensor, second: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """Luminance and contrast-structure maps [N, C, H, W] of SSIM (Wang et al. 2004, equations 6 and 10; dynamic range 1)."""
    positions = torch.arange(window, dtype=first.dtype, device=first.device) - window // 2
    kernel = torch.exp(-positions.square() / (2 * 1.5**2))
    kernel = kernel / kernel.sum()
    channels, pad = first.shape[1], window // 2

    def blurred(images: Tensor) -> Tensor:
        padded = F.pad(images, (pad, pad, pad, pad), mode="reflect")
        rows = F.conv2d(padded, kernel.view(1, 1, -1, 1).expand(channels, 1, -1, 1), groups=channels)
        return F.conv2d(rows, kernel.view(1, 1, 1, -1).expand(channels, 1, 1, -1), groups=channels)

    mean_first, mean_second = blurred(first), blurred(second)
    variance_first = blurred(first.square()) - mean_first.square()
    variance_second = blurred(second.square()) - mean_second.square()
    covariance = blurred(first * second) - mean_first * mean_second
    small, smaller = 0.01**2, 0.03**2
    luminance = (2 * mean_first * mean_second + small) / (mean_first.square() + mean_second.square() + small)
    return luminance, (2 * covariance + smaller) / (variance_first + variance_second + smaller)

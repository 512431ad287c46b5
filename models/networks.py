"""Convolutional encoders and decoders: the shapes that the losses hold. Dapueto et al. (2024, arXiv 2409.18017), released configurations.

Every network gives `encode(images) -> (means, log-variances or None)` and `decode(codes) -> pre-activations`, whose sigmoid is
the expected image; a likelihood works on the pre-activations, which is stable where probabilities are not.

Differs from the released code: the decoder ends in plain logits. The release puts a leaky ReLU before its last (tanh + 1) / 2,
so that a black pixel needs a pre-activation near -100; `output="paper"` brings that back, exactly, since (tanh(a) + 1) / 2 is
the sigmoid of 2a. Sizes other than 64 work: the transposed convolutions take whatever padding gives the encoder's sizes back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from foundation.errors import UserError

OUTPUTS = ("logits", "paper")


class Network(nn.Module):
    """An encoder with heads for mean and (where `stochastic`) log-variance, and a decoder back to an image.

    `couples_batch` says that batch normalisation makes each row depend on the others.
    """

    couples_batch = False

    def __init__(self, observation_shape: Sequence[int], latent_dimensions: int) -> None:
        super().__init__()
        self.observation_shape = tuple(observation_shape)
        self.latent_dimensions = latent_dimensions
        self.features: nn.Module
        self.mean: nn.Module
        self.log_variance: nn.Module | None = None
        self.decoder: nn.Module

    def encode(self, observations: Tensor) -> tuple[Tensor, Tensor | None]:
        """Images [N, C, H, W] -> means [N, D], log-variances [N, D] or None."""
        features = self.features(observations)
        return self.mean(features), None if self.log_variance is None else self.log_variance(features)

    def decode(self, codes: Tensor) -> Tensor:
        """Codes [N, D] -> pre-activations [N, C, H, W]."""
        return self.decoder(codes)


class EfficientNetwork(Network):
    """The study's network: three strided convolutions with batch normalisation, and half as many filters at each end.

    `filters` n: n/4, n/2, n channels; leaky slope 0.02; layer normalisation before the heads. Weights are Xavier-uniform and
    biases 0.01 in encoder and decoder, PyTorch's defaults in the heads. 0.6 million parameters at 64x64x3, n = 128, D = 10.
    """

    couples_batch = True

    def __init__(
        self, observation_shape: Sequence[int], *, latent_dimensions: int = 10, filters: int = 128, output: str = "logits"
    ) -> None:
        super().__init__(observation_shape, latent_dimensions)
        channels, sizes = halvings(observation_shape, 3)
        widths = (channels, filters // 4, filters // 2, filters)
        inner, activation = filters * math.prod(sizes[-1]), nn.LeakyReLU(0.02)
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Conv2d(before, after, 4, stride=2, padding=1), nn.BatchNorm2d(after), activation]
        self.features = nn.Sequential(*layers, nn.Flatten(), nn.LayerNorm(inner))
        self.mean = nn.Linear(inner, latent_dimensions)
        self.log_variance = nn.Linear(inner, latent_dimensions)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dimensions, inner),
            activation,
            nn.Unflatten(1, (filters, *sizes[-1])),
            *upward(widths[::-1], sizes[::-1], activation, output),
        )
        self.features.apply(_published_start)
        self.decoder.apply(_published_start)


class PlainNetwork(Network):
    """The study's larger network: four strided convolutions, and heads that start from D features only.

    `filters` n: n, n, 2n, 2n channels; leaky slope 0.01; a linear map to D features, and D x D heads; the decoder mirrors it.
    """

    def __init__(
        self, observation_shape: Sequence[int], *, latent_dimensions: int = 10, filters: int = 128, output: str = "logits"
    ) -> None:
        super().__init__(observation_shape, latent_dimensions)
        channels, sizes = halvings(observation_shape, 4)
        widths = (channels, filters, filters, 2 * filters, 2 * filters)
        inner, activation = widths[-1] * math.prod(sizes[-1]), nn.LeakyReLU(0.01)
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Conv2d(before, after, 4, stride=2, padding=1), activation]
        self.features = nn.Sequential(*layers, nn.Flatten(), nn.Linear(inner, latent_dimensions))
        self.mean = nn.Linear(latent_dimensions, latent_dimensions)
        self.log_variance = nn.Linear(latent_dimensions, latent_dimensions)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dimensions, latent_dimensions),
            nn.Linear(latent_dimensions, inner),
            activation,
            nn.Unflatten(1, (widths[-1], *sizes[-1])),
            *upward(widths[::-1], sizes[::-1], activation, output),
        )


class PoolingNetwork(Network):
    """The study's plain autoencoder: two convolutions with max-pooling, one linear map to the codes, no variances."""

    def __init__(self, observation_shape: Sequence[int], *, latent_dimensions: int = 10, filters: int = 16) -> None:
        super().__init__(observation_shape, latent_dimensions)
        channels, sizes = halvings(observation_shape, 2)
        inner, activation = filters * math.prod(sizes[-1]), nn.LeakyReLU(0.01)
        self.features = nn.Sequential(
            *(nn.Conv2d(channels, filters, 3, padding=1), activation, nn.MaxPool2d(2)),
            *(nn.Conv2d(filters, filters, 3, padding=1), activation, nn.MaxPool2d(2)),
            nn.Flatten(),
        )
        self.mean = nn.Linear(inner, latent_dimensions)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dimensions, inner),
            nn.Unflatten(1, (filters, *sizes[-1])),
            nn.ConvTranspose2d(filters, filters, 2, stride=2, output_padding=_missing(sizes[2], sizes[1])),
            activation,
            nn.ConvTranspose2d(filters, channels, 2, stride=2, output_padding=_missing(sizes[1], sizes[0])),
        )


class Doubled(nn.Module):
    """Ends a decoder as the release does: leaky ReLU, then the logit of (tanh + 1) / 2, which is twice its argument."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.activation = activation

    def forward(self, values: Tensor) -> Tensor:
        return 2 * self.activation(values)


def halvings(observation_shape: Sequence[int], times: int) -> tuple[int, list[tuple[int, int]]]:
    """Channels, and the sizes (height, width) of the image and of each halving of it."""
    if len(observation_shape) != 3:
        raise UserError(f"a convolutional network needs images (C, H, W), not observations of shape {tuple(observation_shape)}")
    channels, *size = observation_shape
    least = 2**times
    if channels not in (1, 3) or min(size) < least or max(size) > 512:
        raise UserError(
            f"this network takes images of 1 or 3 channels and {least} to 512 pixels a side, not {tuple(observation_shape)}; "
            "resize the images, or configure another network"
        )
    return channels, [(size[0] >> k, size[1] >> k) for k in range(times + 1)]


def upward(
    widths: Sequence[int],
    sizes: Sequence[tuple[int, int]],
    activation: nn.Module,
    output: str,
    layer: type[nn.ConvTranspose2d] = nn.ConvTranspose2d,
) -> list[nn.Module]:
    """Transposed convolutions from the smallest size back to the image, with an activation between them."""
    if output not in OUTPUTS:
        raise UserError(f"the output of a decoder is {' or '.join(OUTPUTS)}, not {output!r}")
    layers: list[nn.Module] = []
    for (before, after), (small, large) in zip(pairwise(widths), pairwise(sizes), strict=True):
        layers += [layer(before, after, 4, stride=2, padding=1, output_padding=_missing(small, large)), activation]
    return [*layers[:-1], Doubled(activation)] if output == "paper" else layers[:-1]


def _missing(small: tuple[int, int], large: tuple[int, int]) -> tuple[int, int]:
    """What doubling a halved size leaves out: 1 where the larger size was odd."""
    return large[0] - 2 * small[0], large[1] - 2 * small[1]


def _published_start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.constant_(layer.bias, 0.01)

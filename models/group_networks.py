"""The networks of the group systems and of their baselines: `beta_shapes`, `beta_celeb`, `forward`.

Painter, Hare, Prügel-Bennett (2020, arXiv 2008.07922) and, for `forward`, Caselles-Dupré et al. (2019, arXiv 1904.00243), released
code; the first two are those of Higgins et al. (2017) for dSprites and CelebA. PyTorch's default initialisation; decoders end in logits.

Differs from the released code: the code of `forward` is linear. The release has a SELU on it as well, so that no mean and no
log-variance is below -1.758; `code_activation="selu"` brings that back. Sizes other than 64 work.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from foundation.errors import UserError
from models.networks import Network, halvings, upward
from models.selu import SELU

CODE_ACTIVATIONS = ("linear", "selu")


class BetaShapesNetwork(Network):
    """Perceptrons: two hidden layers with ReLU there, three with tanh back. 14,174,904 parameters at 64x64x1, D = 4."""

    def __init__(self, observation_shape: Sequence[int], *, latent_dimensions: int = 10, width: int = 1200) -> None:
        super().__init__(observation_shape, latent_dimensions)
        pixels = math.prod(observation_shape)
        self.features = nn.Sequential(nn.Flatten(), *_linear((pixels, width, width), nn.ReLU()))
        self.mean = nn.Linear(width, latent_dimensions)
        self.log_variance = nn.Linear(width, latent_dimensions)
        self.decoder = nn.Sequential(
            *_linear((latent_dimensions, width, width, width), nn.Tanh()),
            nn.Linear(width, pixels),
            nn.Unflatten(1, self.observation_shape),
        )


class BetaCelebNetwork(Network):
    """Four strided convolutions (32, 32, 64, 64 channels), 256 features, ReLU. 759,625 parameters at 64x64x1, D = 4."""

    def __init__(self, observation_shape: Sequence[int], *, latent_dimensions: int = 10) -> None:
        super().__init__(observation_shape, latent_dimensions)
        channels, sizes = halvings(observation_shape, 4)
        widths = (channels, 32, 32, 64, 64)
        inner, activation = widths[-1] * math.prod(sizes[-1]), nn.ReLU()
        self.features = nn.Sequential(*_convolutions(widths, activation), nn.Flatten(), *_linear((inner, 256), activation))
        self.mean = nn.Linear(256, latent_dimensions)
        self.log_variance = nn.Linear(256, latent_dimensions)
        self.decoder = nn.Sequential(
            *_linear((latent_dimensions, 256, inner), activation),
            nn.Unflatten(1, (widths[-1], *sizes[-1])),
            *upward(widths[::-1], sizes[::-1], activation, "logits", LaterBias),
        )


class ForwardNetwork(Network):
    """Four strided convolutions, two layers of 256 features, SELU. 431,593 parameters at 64x64x1, D = 4.

    `widths` are the channels of the encoder's maps from the largest to the smallest, `decoder_widths` those of the decoder's from
    the smallest to the largest; the release widens them on noisy images.
    """

    def __init__(
        self,
        observation_shape: Sequence[int],
        *,
        latent_dimensions: int = 4,
        widths: tuple[int, int, int, int] = (32, 32, 32, 32),
        decoder_widths: tuple[int, int, int, int] = (32, 32, 32, 32),
        code_activation: str = "linear",
    ) -> None:
        super().__init__(observation_shape, latent_dimensions)
        if code_activation not in CODE_ACTIVATIONS:
            raise UserError(f"code_activation is {' or '.join(CODE_ACTIVATIONS)}, not {code_activation!r}")
        channels, sizes = halvings(observation_shape, 4)
        smallest, activation = math.prod(sizes[-1]), SELU()
        self.features = nn.Sequential(
            *_convolutions((channels, *widths), activation),
            nn.Flatten(),
            *_linear((widths[-1] * smallest, 256, 256), activation),
        )
        last = [activation] if code_activation == "selu" else []
        self.mean = nn.Sequential(nn.Linear(256, latent_dimensions), *last)
        self.log_variance = nn.Sequential(nn.Linear(256, latent_dimensions), *last)
        self.decoder = nn.Sequential(
            *_linear((latent_dimensions, 256, decoder_widths[0] * smallest), activation),
            nn.Unflatten(1, (decoder_widths[0], *sizes[-1])),
            *upward((*decoder_widths, channels), sizes[::-1], activation, "logits", LaterBias),
        )


class LaterBias(nn.ConvTranspose2d):
    """A transposed convolution (stride 2, padding 1) that adds its bias afterwards.

    The same map, but on a CPU the gradient of a transposed convolution's bias costs as much as that of all its weights.
    """

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        assert self.bias is not None
        mapped = F.conv_transpose2d(input, self.weight, None, stride=2, padding=1, output_padding=self.output_padding)
        return mapped.add_(self.bias.view(-1, 1, 1).to(mapped.dtype))


def _linear(widths: Sequence[int], activation: nn.Module) -> list[nn.Module]:
    """Linear maps from each width to the next, each followed by an activation."""
    return [layer for before, after in pairwise(widths) for layer in (nn.Linear(before, after), activation)]


def _convolutions(widths: Sequence[int], activation: nn.Module) -> list[nn.Module]:
    """Convolutions that halve the image, each followed by an activation."""
    return [layer for before, after in pairwise(widths) for layer in (nn.Conv2d(before, after, 4, stride=2, padding=1), activation)]

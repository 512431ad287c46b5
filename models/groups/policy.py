"""Which action leads from one picture to another: a small network on both. Painter et al. (2020, arXiv 2008.07922), released code.

Both pictures lie on one another as channels; three convolutions (3x3, stride 2, no padding, ReLU) with orthogonal weights, and a linear
layer that begins with weights 0 and biases 1, so that every action is as likely as any other. 10,692 parameters at 64x64x1, A = 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from foundation.errors import UserError


class PolicyNetwork(nn.Module):
    """Pictures [N, C, H, W] twice -> scores [N, A], of which a softmax makes probabilities. Raises UserError below 15 pixels a side."""

    def __init__(self, observation_shape: Sequence[int], actions: int, *, widths: tuple[int, int, int] = (32, 16, 16)) -> None:
        super().__init__()
        if len(observation_shape) != 3 or min(observation_shape[1:]) < 15:
            raise UserError(f"PolicyNetwork looks at images of 15 pixels a side or more, not at observations {tuple(observation_shape)}")
        channels, *size = observation_shape
        layers: list[nn.Module] = []
        for before, after in pairwise((2 * channels, *widths)):
            convolution = nn.Conv2d(before, after, 3, stride=2)
            nn.init.orthogonal_(convolution.weight)
            layers += [convolution, nn.ReLU()]
            size = [(side - 3) // 2 + 1 for side in size]
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.scores = nn.Linear(widths[-1] * size[0] * size[1], actions)
        nn.init.zeros_(self.scores.weight)
        nn.init.ones_(self.scores.bias)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        scores: Tensor = self.scores(self.features(torch.cat([first, second], 1)))
        return scores

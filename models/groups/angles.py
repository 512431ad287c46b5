"""Angles that are learned, with what they may not do: change their sign, come near 0, grow too large.

Differs from the released code of Painter et al. (2020, arXiv 2008.07922): there an angle is a free number, and a sign only tells where it
starts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from foundation.errors import UserError

MARGIN = 1e-3


class Angles(nn.Module):
    """n angles in radians. `senses`: the sign at which each starts (0: either); `kept`: the sign that it keeps (0: none).

    |angle| starts uniformly within `start` (`at_zero`: at 0), but no nearer than 0.001 to its bounds. `smallest`: of every |angle|;
    `largest`: of those that keep their sign. A kept angle is sign * (smallest + softplus(raw)), or by a sigmoid where there is a
    largest one; a free angle is raw + sign(raw) * smallest. Raises UserError for bounds that leave no room.
    """

    def __init__(
        self,
        senses: Sequence[int],
        kept: Sequence[int],
        *,
        start: tuple[float, float],
        at_zero: Sequence[bool],
        smallest: float,
        largest: float,
    ) -> None:
        super().__init__()
        if not (0 <= start[0] <= start[1] and 0 <= smallest < largest - 2 * MARGIN):
            raise UserError(f"angles start in {start} and stay between {smallest:g} and {largest:g}: give intervals that hold something")
        if largest < math.inf and not any(kept):
            raise UserError("largest_angle binds c+ and c- that keep their signs; set keep_signs = True too")
        self.start, self.smallest, self.largest = start, smallest, largest
        for name, values in (("senses", senses), ("kept", kept), ("at_zero", at_zero)):
            self.register_buffer(name, torch.tensor(values, dtype=torch.int64), persistent=False)
        self.senses: Tensor
        self.kept: Tensor
        self.at_zero: Tensor
        self.raw = nn.Parameter(self._drawn())

    def __len__(self) -> int:
        return len(self.raw)

    def forward(self) -> Tensor:
        """The angles [n]."""
        raw = self.raw.float()
        free = raw + self.smallest * torch.where(raw < 0, -1.0, 1.0)
        if self.largest < math.inf:
            size = self.smallest + (self.largest - self.smallest) * torch.sigmoid(raw)
        else:
            size = self.smallest + F.softplus(raw)
        return torch.where(self.kept == 0, free, self.kept * size)

    def set_angle(self, place: int, angle: float) -> None:
        """Sets one angle, as near to `angle` as its bounds let it be, 0.001 inside them; of a kept one the sign is its own."""
        size = torch.tensor(abs(angle))
        kept = int(self.kept[place])
        raw = self._raised(size) if kept else math.copysign(1, angle) * (size - self.smallest).clamp_min(MARGIN if self.smallest else 0.0)
        self.raw[place] = raw

    def restart(self, chosen: Tensor) -> None:
        """Draws the angles where `chosen` [n] is True anew."""
        self.raw.copy_(torch.where(chosen, self._drawn().to(self.raw), self.raw))

    def _drawn(self) -> Tensor:
        """Raw numbers of freshly drawn angles [n], drawn on the CPU."""
        senses, kept = self.senses.cpu(), self.kept.cpu()
        size = self.start[0] + (self.start[1] - self.start[0]) * torch.rand(len(senses))
        side = torch.where(torch.rand(len(senses)) < 0.5, -1, 1)
        free = torch.where(senses == 0, side, senses) * (size - self.smallest).clamp_min(MARGIN if self.smallest else 0.0)
        free = torch.where(self.at_zero.cpu().bool(), 0.0, free)
        return torch.where(kept == 0, free, self._raised(size))

    def _raised(self, size: Tensor) -> Tensor:
        """Raw numbers of angles that keep their signs, and have this size."""
        within = (size - self.smallest).clamp(MARGIN, max(MARGIN, self.largest - self.smallest - MARGIN))
        return torch.log(torch.expm1(within)) if self.largest == math.inf else torch.logit(within / (self.largest - self.smallest))

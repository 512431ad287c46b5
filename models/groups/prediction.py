"""What it costs to foretell the code of a second picture wrongly: a squared error, as published, or one relative to what actions move.

Squared (Painter et al. 2020, arXiv 2008.07922): gamma * |z' - m2|^2, summed over dimensions, mean over the batch.

Relative (not published; the same in every scale of the code): for a dimension d that actions act on, the quotient
sum_b (z' - m2)_d^2 / sum_b a_bd (m1 - m2)_d^2, where a_bd tells whether the action between the pictures of pair b acts on d. All pairs
count above, only those of its own actions below: a dimension pays for what it does not foresee, for what other actions do to it, and for
whatever stands still in it. Where nothing acts, the variance of m2 stands below.

The squared error is cheaper the smaller the code is, and nought for elements near the identity on dimensions that their actions do not
move. So while a code is not laid out yet, angles run to 0, and what is dear to foresee is left out of the code for good: two of the four
symmetries of dSprites. Relative to it, an angle of 0 costs all that it misses, and a plane that its own actions do not move is the dearest
of all. (It is a Rayleigh quotient, as those of linear discriminants: Fisher 1936, Annals of Eugenics 7.) Where actions are guessed, and
hardly any guess falls on a dimension, nothing bounds its quotient; so they should be found first (see `discovery`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from foundation.errors import UserError
from models.model import Posterior

LEAST = 1e-5


@dataclass(frozen=True)
class Prediction:
    """`gamma` weighs the error, which is squared or `relative`.

    Actions begin at a draw from the posterior of the first picture, or (`from_mean`) at its mean. Without `source_gradient` or
    `target_gradient` the error does not move the code that actions begin or end at. Raises UserError for a relative error of draws:
    what noise moves, no action does.
    """

    gamma: float = 10.0
    relative: bool = False
    from_mean: bool = False
    source_gradient: bool = True
    target_gradient: bool = True

    def __post_init__(self) -> None:
        if self.relative and not self.from_mean:
            raise UserError("a relative prediction measures what actions move, and noise moves codes too; set from_mean = True")

    def ends(self, first: Posterior, drawn: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Where actions begin and where they are to end: of the first picture's posterior and the code `drawn` from it, and of `target`."""
        source = first.mean if self.from_mean else drawn
        return source if self.source_gradient else source.detach(), target if self.target_gradient else target.detach()

    def error(self, missed: Tensor, moved: Tensor, target: Tensor, acting: Tensor, idle: Tensor) -> Tensor:
        """The error without its weight, a scalar: of squares `missed` [B, D], and the rest as `relative_error` takes it."""
        return relative_error(missed, moved, target, acting, idle) if self.relative else missed.sum(1).mean()


PUBLISHED = Prediction()


def relative_error(missed: Tensor, moved: Tensor, target: Tensor, acting: Tensor, idle: Tensor) -> Tensor:
    """Sum of the quotient over dimensions, a scalar.

    Squares `missed` (z' - m2)^2 and `moved` (m1 - m2)^2, and `target` m2, [B, D]; `acting` [B, D]: 1 where the action of a pair acts on
    a dimension, else 0, and a probability where actions are guessed; `idle` [D] is True where no action at all acts.
    """
    with torch.autocast(missed.device.type, enabled=False):
        own, spread = (acting * moved.float()).mean(0), target.float().var(0, unbiased=False)
        return (missed.float().mean(0) / (torch.where(idle, spread, own) + LEAST)).sum()

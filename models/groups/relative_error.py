"""How far a prediction misses, relative to how far actions move what they act on. The same in every scale of the code.

For a dimension d that actions act on: sum_b (z' - m2)_d^2 / sum_b a_bd (m1 - m2)_d^2, where a_bd tells whether the action between the
pictures of pair b acts on d. All pairs count above, only those of its own actions below: a dimension pays for what it does not foresee,
for what other actions do to it, and for whatever stands still in it. Where nothing acts, the variance of m2 stands below.

Not published. The squared error that it stands beside asks the same of a code and is cheaper the smaller the code is; and it is nought for
elements near the identity on a dimension that their actions do not move. So while the code is not laid out yet, angles run to 0, and what
is dear to foresee is left out of the code for good: on dSprites two of four symmetries. Here an angle of 0 costs as much as it misses, and
a plane that its own action does not move is the dearest of all. (A Rayleigh quotient, as of linear discriminants: Fisher 1936.)
"""

from __future__ import annotations

import torch
from torch import Tensor

LEAST = 1e-5


def relative_error(missed: Tensor, moved: Tensor, target: Tensor, acting: Tensor, idle: Tensor) -> Tensor:
    """Sum of the quotient over dimensions, a scalar.

    Squares `missed` (z' - m2)^2 and `moved` (m1 - m2)^2, and `target` m2, [B, D]; `acting` [B, D]: 1 where the action of a pair acts on
    a dimension, else 0, and a probability where actions are guessed; `idle` [D] is True where no action at all acts.
    """
    with torch.autocast(missed.device.type, enabled=False):
        own, spread = (acting * moved.float()).mean(0), target.float().var(0, unbiased=False)
        return (missed.float().mean(0) / (torch.where(idle, spread, own) + LEAST)).sum()

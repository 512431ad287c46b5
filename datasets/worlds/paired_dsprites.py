"""dSprites as a world with actions (Painter et al. 2020): scale, orientation and position move by steps, and count on after the last value.

    batches.Observed.views = @walks.ActionWalks()
    walks.ActionWalks.steps = @paired_dsprites.steps()
    paired_dsprites.steps.offset = 4

Differs from the released code: actions are numbered from the first factor that moves (there from the shape, which never moves: ours
+ 2); the turn of an action is known for any offset (there it is written down for an offset of 4 alone).
Orientations 0 and 39 are the same angle, as published: one action in ten or so turns the sprite by one step less than it says.
"""

from __future__ import annotations

LARGEST = {"scale": 2, "orientation": 20, "posX": 20, "posY": 20}


def steps(offset: int = 4, factors: tuple[str, ...] = tuple(LARGEST)) -> dict[str, int]:
    """The step of each of `factors`: `offset`, but at most 2 for scale and 20 for the others, as published."""
    return {name: min(offset, LARGEST[name]) for name in factors}

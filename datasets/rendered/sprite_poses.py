"""How the rendered sprites hold themselves: the angles of arms and legs in each frame of each action.

Angles are degrees from hanging straight down, positive towards the right of the picture, which is forwards in profile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WALK, SPELLCAST, SLASH = range(3)
FRAMES = 8

Limb = tuple[float, float]
"""Angles of the upper and the lower part."""


@dataclass(frozen=True)
class Pose:
    """`rise` pixels that the body is lower than when standing, `lean` pixels that the chest is ahead of the hips.

    `arms` and `legs` come in twos: left and right of the picture seen from the front, the far and the near one in profile.
    `swing` and `sway` are -1 to 1, the state of the legs and of the arms in a walk; `cast` and `cut` 0 to 1 say how far a spell
    and a blow have come.
    """

    rise: float
    lean: float
    arms: tuple[Limb, Limb]
    legs: tuple[Limb, Limb]
    swing: float = 0.0
    sway: float = 0.0
    cast: float = 0.0
    cut: float = 0.0


def front(action: int, frame: int) -> Pose:
    """Seen from the front."""
    if action == WALK:
        # Arms and body follow the legs, an eighth of the walk behind: no frame is another one's twin.
        swing, sway = (float(np.sin(2 * np.pi * (frame - behind) / FRAMES)) for behind in (0, 1))
        return Pose(-abs(swing), 0.9 * sway, ((-13, -3), (13, 3)), ((-3, -1), (3, 1)), swing, sway)
    if action == SPELLCAST:
        cast = min(frame, 6) / 6
        upper, lower = 13 + 79 * cast, 3 + 141 * cast
        return Pose(1.2 * float(np.sin(np.pi * cast)), 0, ((-upper, -lower), (upper, lower)), ((-4, -1), (4, 1)), cast=cast)
    cut = min(frame, 5) / 5
    arms = ((-30, -10 + 55 * cut), (150 - 185 * cut, 165 - 230 * cut))
    return Pose(1.0 * cut, -2.4 + 1.6 * cut, arms, ((-9, -4), (9, 4)), cut=cut)


def profile(action: int, frame: int) -> Pose:
    """Seen from the side, facing right."""
    if action == WALK:
        turn = 2 * np.pi * frame / FRAMES
        swing, onwards = float(np.sin(turn)), float(np.cos(turn))
        # The leg that swings forwards bends its knee.
        legs = ((-30 * swing, -30 * swing - 34 * max(0.0, -onwards)), (30 * swing, 30 * swing - 34 * max(0.0, onwards)))
        arms = ((28 * swing, 28 * swing + 18), (-28 * swing, -28 * swing + 18))
        return Pose(-abs(onwards), 0, arms, legs, swing=swing)
    if action == SPELLCAST:
        cast = min(frame, 6) / 6
        arms = ((10 + 72 * cast, 26 + 84 * cast), (4 + 66 * cast, 20 + 80 * cast))
        return Pose(1.0 * float(np.sin(np.pi * cast)), -1.2 * cast, arms, ((10, 4), (-9, -12)), cast=cast)
    cut = min(frame, 5) / 5
    arms = ((-10 - 30 * cut, 24 - 30 * cut), (172 - 140 * cut, 200 - 152 * cut))
    legs = ((-14 - 10 * cut, -20 - 14 * cut), (16 + 10 * cut, 2 - 6 * cut))
    return Pose(1.2 * cut, -1.8 + 4.6 * cut, arms, legs, cut=cut)

"""How the ball of FlatLand moves (Caselles-Dupre et al. 2018, 2019; arXiv 1904.00243): walls, substeps, and jumps that stand for a torus.

An action is ten substeps along one axis. In the substep in which the ball begins to touch a wall it jumps to the other side, and
the substeps that are left still run. Whether a ball that just touches a wall is found to touch is a matter of the last bit in the
physics engine (Chipmunk 7: a distance from the edge of a polygon); the same arithmetic is done here. A contact that is missed is
found half a pixel later, and so the ball drifts off its lattice of 5 pixels.

Agrees with the public environment, run with pymunk 5.7.0, in every position of walks of 10,000 actions, in both editions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

SUBSTEPS = 10
NEARLY = 1e-6
LEAST_NUMBER = 2.2250738585072014e-308

Point = tuple[float, float]

MOVES: tuple[Point, ...] = ((0, -1), (-1, 0), (0, 1), (1, 0))
"""Directions (x, y) of the actions 0 to 3, y upwards. So 0 and 2 undo each other, and 1 and 3."""


@dataclass(frozen=True)
class Edition:
    """An arena of `size` pixels with walls of `wall` pixels whose middles lie 5 pixels inside, and a ball of `radius`.

    It starts at (`start`, `start`) and goes `step` pixels per action. When it touches, a coordinate up to `low` becomes `from_low`
    and one from `high` on `from_high`. Pictures show it with `drawn_radius`, x = `left` at their left and y = `top` at their top.
    """

    name: str
    size: int
    wall: int
    radius: float
    start: float
    step: float
    low: float
    from_low: float
    high: float
    from_high: float
    drawn_radius: float
    left: int
    top: int

    @property
    def reach(self) -> tuple[int, int]:
        """The lowest and the highest coordinate: where the ball touches a wall."""
        near = int(self.wall / 2 + 5 + self.radius)
        return near, self.size - near

    @property
    def turn(self) -> float:
        """Pixels after which the ball is where it was: from the place of contact to the place that it jumps to."""
        return self.reach[1] - self.from_high

    @cached_property
    def edges(self) -> tuple[tuple[Point, Point], ...]:
        """The inner edges of the walls at the bottom, at the top, on the left and on the right."""
        middle = self.size / 2
        bottom, top = _corners(middle, 5, 0, self.size, self.wall), _corners(middle, self.size - 5, 0, self.size, self.wall)
        # Turned by pi / 2 in floating point, the left wall leans by a few 1e-15: here the ball misses the most contacts.
        left = _corners(5, middle, math.pi / 2, self.size, self.wall)
        right = _corners(self.size - 5, middle, math.pi / 2, self.size, self.wall)
        return (bottom[0], bottom[3]), (top[1], top[2]), (left[1], left[2]), (right[0], right[3])

    def touching(self, x: float, y: float) -> tuple[bool, ...]:
        """Which of the walls the ball at (x, y) is found to touch, in the order of `edges`."""
        lowest, highest = self.reach
        gaps = (y - lowest, highest - y, x - lowest, highest - x)
        return tuple(
            gap < NEARLY and (gap < -NEARLY or _distance(x, y, *edge) <= self.radius) for gap, edge in zip(gaps, self.edges, strict=True)
        )

    def moved(self, x: float, y: float, action: int) -> Point:
        """Where the ball at (x, y) is after an action."""
        right, up = (direction * self.step / SUBSTEPS for direction in MOVES[action])
        before = self.touching(x, y)
        for _ in range(SUBSTEPS):
            x, y = x + right, y + up
            now = self.touching(x, y)
            if any(touches and not touched for touches, touched in zip(now, before, strict=True)):
                x, y = self._jumped(x), self._jumped(y)
            before = now
        return x, y

    def _jumped(self, coordinate: float) -> float:
        if coordinate <= self.low:
            return self.from_low
        return self.from_high if coordinate >= self.high else coordinate


STANDARD = Edition("flatland", 84, 10, 15.0, 30.0, 5.0, 25.0, 58.0, 59.0, 26.0, 14.78, 10, 74)
SMALL_BALL = Edition("flatland-small-ball", 104, 20, 8.0, 50.0, 10.0, 28.0, 75.0, 76.0, 29.0, 7.72, 20, 84)


def _corners(x: float, y: float, angle: float, length: float, width: float) -> list[Point]:
    """Corners of a wall with its middle at (x, y), rounded as the environment rounds them."""
    cosine, sine = math.cos(angle), math.sin(angle)
    across, along = length * cosine - width * sine, length * sine + width * cosine
    back, down = length * cosine + width * sine, length * sine - width * cosine
    return [
        (x + 0.5 * across, y + 0.5 * along),
        (x + 0.5 * back, y + 0.5 * down),
        (x - 0.5 * across, y - 0.5 * along),
        (x - 0.5 * back, y - 0.5 * down),
    ]


def _distance(x: float, y: float, begin: Point, end: Point) -> float:
    """From the point (x, y) to an edge, along its normal, with the roundings of Chipmunk's ClosestPointsNew."""
    ax, ay, bx, by = begin[0] - x, begin[1] - y, end[0] - x, end[1] - y
    dx, dy = bx - ax, by - ay
    half = -0.5 * min(max((dx * (ax + bx) + dy * (ay + by)) / (dx * dx + dy * dy), -1.0), 1.0)
    near_x, near_y = ax * (0.5 - half) + bx * (0.5 + half), ay * (0.5 - half) + by * (0.5 + half)
    scale = 1 / (math.sqrt(dx * dx + dy * dy) + LEAST_NUMBER)
    return abs(dy * scale * near_x - dx * scale * near_y)

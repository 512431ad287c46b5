"""A canvas on which figures are built of lit shapes, each of a colour that is fixed or is named and dyed later.

What is painted later lies in front. A shape has a dark rim, and is lit from above and from the left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SIZE, RAYS = 64, 4
"""Side of a picture in pixels, and points per pixel each way, whose mean the pixel is."""
RIM, RIM_SHADE = 0.75, 0.42
"""Width of a shape's dark rim in pixels, and how bright it is."""
_LIGHT_X, _LIGHT_Y = -0.5, -0.87

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Field = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""A number for each point x, y."""
Surface = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""For each point the distance to the outline in pixels, negative inside, and the way the surface faces, across and down."""


@dataclass(frozen=True)
class Shape:
    """A surface, and the box (left, top, right, bottom) that it fits into."""

    box: Box
    surface: Surface

    def cut(self, field: Field) -> Shape:
        """What of the shape lies where `field` is negative, with a rim along the cut."""

        def surface(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            distance, across, down = self.surface(x, y)
            return np.maximum(distance, field(x, y)), across, down

        return Shape(self.box, surface)

    def joined(self, other: Shape) -> Shape:
        """Both shapes as one, without a rim between them; where they overlap the nearer surface shows."""

        def surface(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            mine, theirs = self.surface(x, y), other.surface(x, y)
            return tuple(np.where(mine[0] < theirs[0], a, b) for a, b in zip(mine, theirs, strict=True))  # type: ignore[return-value]

        (left, top, right, bottom), (a, b, c, d) = self.box, other.box
        return Shape((min(left, a), min(top, b), max(right, c), max(bottom, d)), surface)


def ellipse(x0: float, y0: float, wide: float, high: float) -> Shape:
    """Half axes `wide` and `high`. Distances are exact for circles."""

    def surface(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        across, down = (x - x0) / wide, (y - y0) / high
        return (np.hypot(across, down) - 1) * min(wide, high), across, down

    return Shape((x0 - wide, y0 - high, x0 + wide, y0 + high), surface)


def limb(start: Point, end: Point, thick: float, thin: float) -> Shape:
    """A round bar from one point to another, its half width going from `thick` to `thin`."""
    (x0, y0), (x1, y1) = start, end

    def surface(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2 + 1e-9
        part = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
        half = thick + (thin - thick) * part
        across, down = x - x0 - part * (x1 - x0), y - y0 - part * (y1 - y0)
        return np.hypot(across, down) - half, across / half, down / half

    wide = max(thick, thin)
    return Shape((min(x0, x1) - wide, min(y0, y1) - wide, max(x0, x1) + wide, max(y0, y1) + wide), surface)


def bell(x0: float, top: float, hem: float, narrow: float, wide: float, sway: float) -> Shape:
    """A skirt: half as wide as `narrow` at its top and `wide` at its hem, which waves, and is shifted by `sway`."""

    def surface(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        part = np.clip((y - top) / (hem - top), 0, 1)
        half = narrow + (wide - narrow) * part**0.8
        side = (x - x0 - sway * part**2) / half
        ends = np.maximum(top - y, y - hem - 0.8 * np.cos(2.2 * side))
        # Folds: the cloth faces left and right by turns.
        return np.maximum((np.abs(side) - 1) * half, ends), side + 0.5 * part * np.sin(9 * side), np.zeros_like(side)

    return Shape((x0 - wide - abs(sway), top, x0 + wide + abs(sway), hem + 1), surface)


class Canvas:
    """Which part shows at every point, and how bright: paint, then take the layers."""

    def __init__(self, parts: int) -> None:
        points = SIZE * RAYS
        self._parts = parts
        self._part = np.full((points, points), -1, np.int8)
        self._shade = np.zeros((points, points), np.float32)
        self._fixed = np.zeros((points, points, 3), np.float32)

    def paint(self, shape: Shape, colour: int | tuple[int, int, int], bright: float = 1.0, rim: bool = True) -> None:
        """Puts a shape in front of all others. `colour` is the number of a part, or a fixed RGB from 0 to 255."""
        window, x, y = _points(shape.box, 0)
        distance, across, down = shape.surface(x, y)
        shade = bright * np.clip(0.87 + 0.26 * (across * _LIGHT_X + down * _LIGHT_Y), 0.55, 1)
        if rim:
            shade = np.where(distance > -RIM, RIM_SHADE * bright, shade)
        inside = distance < 0
        self._shade[window][inside] = shade[inside]
        self._part[window][inside] = self._parts if isinstance(colour, tuple) else colour
        if isinstance(colour, tuple):
            self._fixed[window][inside] = colour

    def glow(self, shape: Shape, colour: tuple[float, float, float], reach: float) -> None:
        """Light that fades with the distance to a shape, `reach` pixels far. It shows on the black around the figure only."""
        window, x, y = _points(shape.box, reach)
        light = np.clip(1 - np.maximum(shape.surface(x, y)[0], 0) / reach, 0, 1) ** 2
        part, shade, fixed = self._part[window], self._shade[window], self._fixed[window]
        lit = ((part < 0) | (part == self._parts)) & (light > 0)
        fixed[lit] = np.minimum(fixed[lit] * shade[lit, None] + light[lit, None] * np.array(colour), 255)
        part[lit], shade[lit] = self._parts, 1

    def layers(self) -> np.ndarray:
        """How much of each part shows in each pixel, then red, green and blue of all that is fixed: [parts + 3, 64, 64], 0 to 255.

        The layers of a pixel, parts dyed in any colours, add up to 255 at most.
        """
        seen = [np.where(self._part == part, 255 * self._shade, 0) for part in range(self._parts)]
        fixed = np.where(self._part[..., None] == self._parts, self._fixed * self._shade[..., None], 0)
        stack = np.stack([*seen, *fixed.transpose(2, 0, 1)])
        return stack.reshape(len(stack), SIZE, RAYS, SIZE, RAYS).mean(axis=(2, 4))


def _points(box: Box, margin: float) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """The points of the canvas in a box and `margin` pixels around it: where they are stored, their x [1, W] and y [H, 1]."""
    left, top, right, bottom = box
    ends = (np.array((top - margin, bottom + margin, left - margin, right + margin)) * RAYS).clip(0, SIZE * RAYS)
    rows, columns = slice(int(ends[0]), int(np.ceil(ends[1]))), slice(int(ends[2]), int(np.ceil(ends[3])))
    place = (np.arange(SIZE * RAYS, dtype=np.float32) + 0.5) / RAYS
    return (rows, columns), place[None, columns], place[rows, None]

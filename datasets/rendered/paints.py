"""Paint for parts of procedural objects: four sides in a row, drawn as one strip that closes upon itself, a bottom and a top.

Patterns differ from side to side, so that the pose of a round object can be told.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np

SIDE = 40
"""Pixels across one side. Row 0 of a side is at its foot."""

Pattern = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], None]
"""Draws on a strip [SIDE, 4 SIDE, 3] and a top [SIDE, SIDE, 3] with a second colour [3]."""

_ROWS, _COLUMNS = np.mgrid[:SIDE, : 4 * SIDE]


def colour(hue: float, saturation: float = 0.8, value: float = 0.85) -> np.ndarray:
    """[3] from hue, saturation and value, from 0 to 1."""
    return np.array(colorsys.hsv_to_rgb(hue % 1, saturation, value), np.float32)


def any_colour(rng: np.random.Generator) -> np.ndarray:
    """A colour [3] of a toy or a package: mostly bright, now and then pale or dark."""
    kind, hue = rng.random(2)
    if kind < 0.18:
        return colour(hue, 0.12, rng.uniform(0.75, 0.95))
    if kind < 0.28:
        return colour(hue, 0.5, rng.uniform(0.3, 0.45))
    return colour(hue, rng.uniform(0.45, 0.9), rng.uniform(0.6, 0.95))


def plain(first: np.ndarray) -> np.ndarray:
    """Paint [6, SIDE, SIDE, 3] float32 of one colour."""
    return np.broadcast_to(np.float32(first), (6, SIDE, SIDE, 3))


def grain(paint: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The paint, a little lighter or darker from place to place, as surfaces in photographs are."""
    coarse = rng.normal(0, 0.05, (6, SIDE // 8, SIDE // 8)).repeat(8, axis=1).repeat(8, axis=2)
    return (paint * np.clip(1 + coarse + rng.normal(0, 0.04, coarse.shape), 0, None)[..., None]).astype(np.float32)


def painted(first: np.ndarray, second: np.ndarray, pattern: Pattern, rng: np.random.Generator) -> np.ndarray:
    """Paint [6, SIDE, SIDE, 3] float32: a pattern of the colour `second` on `first`; `rng` draws its details."""
    strip, top = np.empty((SIDE, 4 * SIDE, 3), np.float32), np.empty((SIDE, SIDE, 3), np.float32)
    strip[:], top[:] = first, first
    pattern(strip, top, second, rng)
    bottom = np.broadcast_to(np.float32(0.7) * first, (SIDE, SIDE, 3))
    return np.stack([*np.split(strip, 4, axis=1), bottom, top]).astype(np.float32)


def label(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """A label with lines of print over some of the sides, and a small one behind."""
    low, high = rng.integers(4, 10), rng.integers(SIDE - 14, SIDE - 4)
    left, width = rng.integers(0, SIDE), rng.integers(SIDE, 2 * SIDE)
    ink = 0.25 * second if second.mean() > 0.4 else 0.4 + 0.6 * second
    strip[low:high, left : left + width] = second
    for row in range(high - 4, low + 2, -6):
        for column in range(left + 3, left + width - 3, 4):
            if rng.random() < 0.75:
                strip[row - 2 : row + 1, column : column + 3] = ink
    middle = (low + high) // 2
    strip[middle - 5 : middle + 5, left + width + SIDE // 2 : left + width + SIDE] = second
    top[SIDE // 4 : SIDE // 2, SIDE // 6 : -SIDE // 3] = second


def rings(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """Rings, and one dark upright line."""
    edges = np.sort(rng.integers(2, SIDE - 2, 2 * rng.integers(1, 4)))
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        strip[low : high + 2] = second
    strip[:, SIDE // 2 : SIDE // 2 + SIDE // 4] *= 0.35
    top[:, SIDE // 2 :] = second


def bars(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """Upright bars of unequal widths."""
    edges = np.sort(rng.choice(4 * SIDE, 2 * rng.integers(3, 7), replace=False))
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        strip[:, left:right] = second
    top[:, : SIDE // 2] = second


def checks(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """A chessboard on three sides."""
    each = int(rng.integers(6, 11))
    odd = (_ROWS // each + _COLUMNS // each) % 2 == 1
    strip[odd & (_COLUMNS < 3 * SIDE)] = second
    top[odd[:, :SIDE]] = second


def dots(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """Discs at random places."""
    for _ in range(rng.integers(6, 16)):
        row, column, radius = rng.integers(0, SIDE), rng.integers(0, 4 * SIDE), rng.integers(3, 8)
        across = (_COLUMNS - column + 2 * SIDE) % (4 * SIDE) - 2 * SIDE
        strip[(_ROWS - row) ** 2 + across**2 < radius**2] = second
    top[(_ROWS[:, :SIDE] - 0.3 * SIDE) ** 2 + (_COLUMNS[:, :SIDE] - 0.6 * SIDE) ** 2 < (0.2 * SIDE) ** 2] = second


def blotches(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """One colour passes into the other and back, as on fruit and wood."""
    wave = np.zeros(_ROWS.shape)
    for across, up, phase in zip((1, 2, 3, 5), rng.uniform(-2, 2, 4), rng.uniform(0, 6, 4), strict=True):
        wave += np.sin(np.pi * (across * _COLUMNS / (2 * SIDE) + up * _ROWS / SIDE) + phase)
    mixed = np.clip(0.5 + 0.7 * wave, 0, 1)[..., None]
    strip[:] = strip * (1 - mixed) + second * mixed
    top[:] = strip[:, :SIDE]


def panels(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """Each side in a shade of its own, with a window."""
    for side, order in enumerate(rng.permutation(4)):
        part = strip[:, side * SIDE : (side + 1) * SIDE]
        part[:] = (1 - order / 5) * part + order / 5 * second
        part[6 : SIDE // 3 + 5 * order, 4 + 3 * order : -4] = second if order % 2 else 0.5 * second
    top[SIDE // 3 :] = second


PATTERNS: tuple[Pattern, ...] = (label, rings, bars, checks, dots, blotches, panels)

"""All 737,280 frames of dSprites (Matthey et al. 2017), drawn from outlines: a pixel is on where its centre lies inside.

A frame is 64 words of 64 bits, the first pixel of a row in the first bit of its first byte, as `np.packbits` has it. For one
shape, scale and orientation the outline is turned once, and its crossings with every row centre found. A crossing switches all
pixels to its left (even-odd rule), for each of the 32 horizontal positions that is one mask of 64 bits: a row of a frame is the
exclusive or of a few masks.

Differs from the published file: 2 of 332 published frames, both squares at the largest scale, differ in a few pixels of the
edge; the outlines were fitted to these frames, since the program that drew the originals was not published.
"""

from __future__ import annotations

import numpy as np

SHAPES, SCALES, ORIENTATIONS, POSITIONS = 3, 6, 40, 32
SIZE = 64
VERSION = 1
"""To be raised whenever any frame changes: stored frames carry it."""


def _outline(shape: int) -> np.ndarray:
    """Vertices [E, 2] in pixels (x right, y down) at scale 1: square, ellipse, heart."""
    half = 9.6
    if shape == 0:
        return half * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    if shape == 1:
        turn = 2 * np.pi * np.arange(90) / 90
        return np.stack([1.33 * half * np.cos(turn), half / 1.33 * np.sin(turn)], axis=1)
    turn = 2 * np.pi * np.arange(150) / 150
    upwards = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return np.stack([9.6 * np.sin(turn) ** 3, -1.44 - 0.6622 * upwards], axis=1)


_OUTLINES = [_outline(shape) for shape in range(SHAPES)]
_CENTRES = 16 + 32 * np.arange(POSITIONS) / (POSITIONS - 1)
_ROW_OFFSETS = (np.arange(SIZE) + 0.5 - _CENTRES[:, None]).ravel()
"""Height of every row centre over the sprite's centre, [posY * 64 + row]."""
_PREFIXES = np.packbits(np.tri(SIZE + 1, SIZE, -1, dtype=np.uint8), axis=1).view(np.uint64).ravel()
"""Word whose first n pixels are on, [n], in the byte order of packed bits."""


def render_block(shape: int, scale: int, orientation: int) -> np.ndarray:
    """Frames of one sprite at all positions: [posX 32, posY 32, row 64] uint64 words."""
    angle = 2 * np.pi * orientation / (ORIENTATIONS - 1)
    cosine, sine = np.cos(angle), np.sin(angle)
    # On the screen, where y points down, these sprites turn counter-clockwise.
    start = (0.5 + 0.1 * scale) * _OUTLINES[shape] @ np.array([[cosine, -sine], [sine, cosine]])
    end = np.roll(start, -1, axis=0)
    row, edge = np.nonzero((start[:, 1] > _ROW_OFFSETS[:, None]) != (end[:, 1] > _ROW_OFFSETS[:, None]))
    slope = (end[edge, 0] - start[edge, 0]) / (end[edge, 1] - start[edge, 1])
    crossing = start[edge, 0] + slope * (_ROW_OFFSETS[row] - start[edge, 1])
    # The centre of pixel j is at j + 0.5: as many pixels lie to the left of the crossing.
    pixels_left = np.clip(np.ceil(_CENTRES[:, None] + crossing - 0.5), 0, SIZE).astype(np.int8)
    masks = _PREFIXES[pixels_left]
    words = np.zeros((POSITIONS, POSITIONS * SIZE), dtype=np.uint64)
    first_of_row = np.flatnonzero(np.diff(row, prepend=-1))
    words[:, row[first_of_row]] = np.bitwise_xor.reduceat(masks, first_of_row, axis=1)
    return words.reshape(POSITIONS, POSITIONS, SIZE)


def render_all(frames: np.ndarray) -> None:
    """Fills `frames` [737280, 512] uint8, the order of the published file (position y fastest), in a few seconds."""
    blocks = frames.view(np.uint64).reshape(SHAPES, SCALES, ORIENTATIONS, POSITIONS, POSITIONS, SIZE)
    for place in np.ndindex(SHAPES, SCALES, ORIENTATIONS):
        blocks[place] = render_block(*place)


def render_frame(shape: int, scale: int, orientation: int, position_x: int, position_y: int) -> np.ndarray:
    """One frame from its classes: [64, 64] bool."""
    words = render_block(shape, scale, orientation)[position_x, position_y]
    return np.unpackbits(words.view(np.uint8)).reshape(SIZE, SIZE).astype(bool)

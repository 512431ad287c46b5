"""The rotations and zooms of COIL-100 augmented (Dapueto et al. 2024, arXiv 2409.18017), as one gather from a photograph.

The released files were made by two successive nearest-neighbour resamplings on the same canvas: a turn about its middle, then a
zoom about it; what comes from outside is black. The position that a pixel is taken from follows OpenCV 4 (`getRotationMatrix2D`,
`warpAffine`): the inverse map in steps of 1/1024 pixel, its slope and its offset rounded apart. OpenCV 5 rounds otherwise and
takes some pixels from a neighbour; the released files are older.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

ROTATIONS = tuple(range(0, 360, 20))
"""Degrees, counter-clockwise."""
SCALES = (1.0, 0.94, 0.88, 0.81, 0.75, 0.69, 0.62, 0.56, 0.5)
"""Nine even steps, to two decimals."""

_STEPS = 1024
"""Parts of a pixel in which OpenCV 4 counts positions."""
_PICTURES_AT_A_TIME = 4
"""So many are gathered and halved while they stay in the processor's cache."""


def source_pixels(rotation: float, scale: float, size: int) -> np.ndarray:
    """Where each pixel of one warped picture comes from: [size * size] int64, flat; `size * size` stands for black.

    `rotation` in degrees, counter-clockwise; the picture shrinks to `scale`, about its middle.
    """
    middle, angle = size / 2, rotation * np.pi / 180
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    shift_x = (1 - cosine) * middle - sine * middle
    shift_y = sine * middle + (1 - cosine) * middle
    determinant = 1 / (cosine * cosine + sine * sine)
    along, across = cosine * determinant, sine * determinant
    start_x = -along * shift_x + across * shift_y
    start_y = -across * shift_x - along * shift_y
    place = np.arange(size)
    half = _STEPS // 2
    x = (_rounded((start_x - across * place) * _STEPS)[:, None] + half + _rounded(along * place * _STEPS)) // _STEPS
    y = (_rounded((along * place + start_y) * _STEPS)[:, None] + half + _rounded(across * place * _STEPS)) // _STEPS
    inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
    return np.where(inside, y * size + x, size * size).ravel()


@cache
def augmentations(size: int) -> np.ndarray:
    """Where each pixel comes from in every augmentation: [18 * 9, size * size] int64, scales fastest; `size * size` is black."""
    zooms = [source_pixels(0, scale, size) for scale in SCALES]
    turns = [np.append(source_pixels(rotation, 1, size), size * size) for rotation in ROTATIONS]
    return np.stack([turn[zoom] for turn in turns for zoom in zooms])


def gathered_pixels(pictures: np.ndarray, rows: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Augmented pictures [B, P]: of `pictures` [N, P + 1], whose last pixel is black, the `rows` [B], each in its kind [B]."""
    sources = augmentations(int(round((pictures.shape[1] - 1) ** 0.5)))
    target = np.empty((len(rows), sources.shape[1]), pictures.dtype)
    # One call a picture is 2.5 times as fast as one for all, which would first write out where every pixel of the batch comes from.
    for place, (row, kind) in enumerate(zip(rows, kinds, strict=True)):
        np.take(pictures[row], sources[kind], out=target[place], mode="clip")
    return target


def augmented_halves(photos: np.ndarray, rows: np.ndarray, kinds: np.ndarray) -> Tensor:
    """Augmented photographs at half their size: [B, 3, H / 2, W / 2] float32 from 0 to 1.

    `photos` [N, H * W + 1] uint32 are words of four bytes, red, green, blue and 0.
    """
    side = int(round((photos.shape[1] - 1) ** 0.5))
    images = np.empty((len(rows), 3, side // 2, side // 2), np.float32)
    for start in range(0, len(rows), _PICTURES_AT_A_TIME):
        some = slice(start, start + _PICTURES_AT_A_TIME)
        halve(gathered_pixels(photos, rows[some], kinds[some]).reshape(-1, side, side), images[some])
    return torch.from_numpy(images)


def halve(words: np.ndarray, target: np.ndarray) -> None:
    """Fills `target` [B, 3, H / 2, W / 2] float32 with pictures `words` [B, H, W] uint32, resized and divided by 255.

    The same as the antialiased bilinear resize of torchvision that the released loader applies: at half the size its weights
    are 1, 3, 3, 1 over 8 in each direction, and 3, 3, 1 over 7 at an edge.
    """
    count, height, width = words.shape
    levels = words.view(np.uint8).reshape(count, height, width * 4)
    # Sixteen bits hold the largest sum, 64 * 255; seen as words of 64 bits, the four channels of a pixel are added at once.
    rows = _spread(levels[:, ::2].astype(np.uint16), levels[:, 1::2].astype(np.uint16), axis=1).view(np.uint64)
    sums = _spread(rows[:, :, ::2], rows[:, :, 1::2], axis=2).view(np.uint16).reshape(count, height // 2, width // 2, 4)
    scale = (_edge_weights(height // 2)[:, None] * _edge_weights(width // 2) / 255).astype(np.float32)
    for channel in range(3):
        np.multiply(sums[..., channel], scale, out=target[:, channel], dtype=np.float32)


def _spread(even: np.ndarray, odd: np.ndarray, axis: int) -> np.ndarray:
    """Sums of four neighbours along an axis with weights 1, 3, 3, 1, given as its even and its odd places; outside is nothing."""
    sums = even + odd
    sums *= sums.dtype.type(3)
    ahead, behind = (slice(None),) * axis + (slice(1, None),), (slice(None),) * axis + (slice(-1),)
    sums[ahead] += odd[behind]
    sums[behind] += even[ahead]
    return sums


def _edge_weights(size: int) -> np.ndarray:
    weights = np.full(size, 1 / 8)
    weights[[0, -1]] = 1 / 7
    return weights


def _rounded(positions: np.ndarray) -> np.ndarray:
    return np.rint(positions).astype(np.int64)

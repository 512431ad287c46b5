"""Pictures of any size made square and small: padded with black, then resized."""

from __future__ import annotations

import numpy as np
from PIL import Image


def squared(pixels: np.ndarray) -> np.ndarray:
    """`pixels` [H, W, ...] in the middle of a black square [S, S, ...], S the longer side."""
    height, width = pixels.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, *pixels.shape[2:]), pixels.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square


def resized(pixels: np.ndarray, side: int) -> np.ndarray:
    """[H, W] float32 or [H, W, 3] uint8 at [side, side, ...], bilinear, antialiased where it shrinks."""
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR))


def padded_as_released(pixels: np.ndarray) -> np.ndarray:
    """The pad of the released RGB-D loader [H, W, ...]: with height and width exchanged, so that a tall picture gets taller still."""
    height, width = pixels.shape[:2]
    above, left = ((max(height, width) - side) // 2 for side in (width, height))
    return np.pad(pixels, ((above, above), (left, left), *((0, 0),) * (pixels.ndim - 2)))


def resized_without_filter(pixels: np.ndarray, side: int) -> np.ndarray:
    """[H, W, C] uint8 at [side, side, C], bilinear between the nearest pixels only: bit for bit what OpenCV's `resize` gives."""
    before, after, weight_before, weight_after = _neighbours(pixels.shape[1], side, ends=True)
    levels = pixels.astype(np.int64)
    rows = levels[:, before] * weight_before[:, None] + levels[:, after] * weight_after[:, None]
    before, after, weight_before, weight_after = _neighbours(pixels.shape[0], side, ends=False)
    upper = (rows[before] >> 4) * weight_before[:, None, None] >> 16
    lower = (rows[after] >> 4) * weight_after[:, None, None] >> 16
    return ((upper + lower + 2) >> 2).astype(np.uint8)


def resized_to_nearest(pixels: np.ndarray, side: int) -> np.ndarray:
    """[H, W, ...] at [side, side, ...]: the nearest pixel above and to the left, as OpenCV has it."""
    rows, columns = (np.minimum((np.arange(side) * (1 / (side / length))).astype(np.int64), length - 1) for length in pixels.shape[:2])
    return pixels[rows][:, columns]


def _neighbours(length: int, side: int, ends: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Per output: the pixels before and after it, and their weights in parts of 2048; `ends`: beyond the last pixel all weight is its."""
    position = ((np.arange(side) + 0.5) * (length / side) - 0.5).astype(np.float32)
    before = np.floor(position).astype(np.int64)
    share = (position - before).astype(np.float32)
    if ends:
        share[(before < 0) | (before >= length - 1)] = 0
    weights = (np.rint(part * np.float32(2048)).astype(np.int64) for part in (1 - share, share))
    return np.clip(before, 0, length - 1), np.clip(before + 1, 0, length - 1), *weights

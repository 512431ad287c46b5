"""Black and white masks of the objects of COIL-100, as the binary edition has them (Dapueto et al. 2024, arXiv 2409.18017).

A photograph becomes grey, loses its specks (median), is parted at Otsu's threshold, has small gaps closed, shrinks to half by
the mean of four pixels, and is parted again. Each step gives the bits that OpenCV gives.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

_NEIGHBOURS = (5, 5)
_SMALLEST_SHARE = float(np.finfo(np.float32).eps)
"""A part of a picture that holds less than this is nothing: single precision, as in OpenCV."""


def silhouette(photo: np.ndarray) -> np.ndarray:
    """The mask [H / 2, W / 2] uint8, 0 or 255, of a photograph [H, W, 3] uint8 (red, green, blue)."""
    smooth = ndimage.median_filter(grey_levels(photo), _NEIGHBOURS, mode="nearest")
    spread = ndimage.maximum_filter(_parted(smooth), _NEIGHBOURS, mode="constant", cval=0)
    closed = ndimage.minimum_filter(spread, _NEIGHBOURS, mode="constant", cval=255)
    return _parted(_half_by_area(closed))


def grey_levels(photo: np.ndarray) -> np.ndarray:
    """Brightness [H, W] uint8 of a photograph [H, W, 3] uint8: 0.299, 0.587 and 0.114 of red, green and blue, in parts of 2^15."""
    return ((photo @ np.array([9798, 19235, 3735]) + (1 << 14)) >> 15).astype(np.uint8)


def otsu_threshold(levels: np.ndarray) -> int:
    """The level [0, 255] that parts `levels` uint8 into two classes with the largest variance between them (Otsu 1979).

    The first of equal ones; 0 where all levels are equal. Sums run in OpenCV's order: the last bits decide between equals.
    """
    shares = (np.bincount(levels.ravel(), minlength=256) * (1 / levels.size)).tolist()
    mean = sum(level * count for level, count in enumerate(np.bincount(levels.ravel(), minlength=256).tolist())) * (1 / levels.size)
    below = lower_mean = largest = 0.0
    threshold = 0
    for level, share in enumerate(shares):
        lower_mean *= below
        below += share
        above = 1 - below
        if min(below, above) < _SMALLEST_SHARE or max(below, above) > 1 - _SMALLEST_SHARE:
            continue
        lower_mean = (lower_mean + level * share) / below
        upper_mean = (mean - below * lower_mean) / above
        variance = below * above * (lower_mean - upper_mean) * (lower_mean - upper_mean)
        if variance > largest:
            largest, threshold = variance, level
    return threshold


def _parted(levels: np.ndarray) -> np.ndarray:
    return np.where(levels > otsu_threshold(levels), 255, 0).astype(np.uint8)


def _half_by_area(levels: np.ndarray) -> np.ndarray:
    quarters = levels.astype(np.uint16)
    pairs = quarters[::2] + quarters[1::2]
    return ((pairs[:, ::2] + pairs[:, 1::2] + 2) >> 2).astype(np.uint8)

"""Codes as bins of equal width, one discretisation for every score that rests on counts.

As disentanglement_lib does it: `bins` intervals of equal width between the smallest and the largest value of each dimension,
closed on the left, the largest value in the last one. A constant dimension falls into one bin.
"""

from __future__ import annotations

import numpy as np

from foundation.errors import UserError


def equal_width_bins(codes: np.ndarray, bins: int) -> np.ndarray:
    """Bin of every code, 0 to bins - 1: [N, D] -> [N, D] int64. Raises UserError for fewer than 2 bins."""
    if bins < 2:
        raise UserError(f"{bins} bins tell nothing apart; choose 2 or more")
    binned = np.empty(codes.shape, dtype=np.int64, order="F")
    for k in range(codes.shape[1]):
        binned[:, k] = _binned(_within_range(codes[:, k]), bins)
    return binned


def _binned(values: np.ndarray, bins: int) -> np.ndarray:
    """The bin by division, then set right by the edges themselves: rounding may put a value one bin beside its own."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.full(len(values), bins // 2)
    edges = np.linspace(low, high, bins + 1)
    if np.diff(edges).min() <= 1e-9 * max(abs(low), abs(high)):
        return np.minimum(np.searchsorted(edges[:-1], values, side="right"), bins) - 1
    found = ((values - low) * (bins / (high - low))).astype(np.int64)
    np.minimum(found, bins - 1, out=found)
    found -= values < edges[found]
    edges[-1] = np.inf
    found += values >= edges[found + 1]
    return found


def _within_range(values: np.ndarray) -> np.ndarray:
    """Values so large that their range overflows, as far smaller ones; others as they are."""
    return values / 4 if np.abs(values).max() > 1e307 else values

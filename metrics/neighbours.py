"""Neighbours and how many samples lie closer than a distance, by largest coordinate: what KSG estimates are made of.

One variable in one dimension is sorted, not searched: a neighbour is a few places away, and a count is the difference of two places.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MARGIN = 1e-15  # "closer than d" is counted as "at most d - MARGIN away", as NPEET does
EULER = 0.57721566490153286


def chebyshev_tree(points: np.ndarray) -> Any:
    """A tree for neighbours among points [N, D]."""
    from scipy.spatial import cKDTree

    return cKDTree(points)


def digamma_table(largest: int) -> np.ndarray:
    """psi(n) for n = 0 .. largest (entry 0 is not a number of use: 0)."""
    table = np.zeros(largest + 1)
    table[1:] = -EULER
    table[2:] += np.cumsum(1 / np.arange(1, largest))
    return table


def nearest_in_line(values: np.ndarray, k: int) -> np.ndarray:
    """Distance of every value to its k-th nearest other one: [N], N > k -> [N]."""
    order = np.argsort(values)
    ordered = values[order]
    padded = np.concatenate([np.full(k, -np.inf), ordered, np.full(k, np.inf)])
    count = len(values)
    found = np.full(count, np.inf)
    for left in range(k + 1):  # the k nearest are so many to the left, the others to the right
        window = padded[2 * k - left : 2 * k - left + count] - ordered
        np.minimum(found, np.maximum(window, ordered - padded[k - left : k - left + count]), out=found)
    distances = np.empty(count)
    distances[order] = found
    return distances


def closer_than(points: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """How many of the points lie closer to each than its distance, itself included and at least that: [N, D], [N] -> [N]."""
    radii = distances - MARGIN
    if points.shape[1] > 1:
        counts = chebyshev_tree(points).query_ball_point(points, radii, p=np.inf, return_length=True)
        return np.maximum(counts, 1)
    order = np.argsort(points[:, 0])
    ordered, reach = points[order, 0], radii[order]
    low = np.searchsorted(ordered, ordered - reach, side="left")
    high = np.searchsorted(ordered, ordered + reach, side="right")
    last = len(ordered) - 1
    # the sum is rounded otherwise than the difference that counts: look again at the values on both sides of either bound
    low += ordered - ordered[np.minimum(low, last)] > reach
    low -= (low > 0) & (ordered - ordered[np.maximum(low - 1, 0)] <= reach)
    high -= ordered[np.maximum(high - 1, 0)] - ordered > reach
    high += (high <= last) & (ordered[np.minimum(high, last)] - ordered <= reach)
    counts = np.empty(len(ordered), dtype=np.int64)
    counts[order] = np.maximum(high - low, 1)
    return counts

"""Codes of mean 0 and deviation 1, and deviations, whatever the scale, without overflow; a dimension that does not vary has 0."""

from __future__ import annotations

import numpy as np


def standardised(codes: np.ndarray, measured: int | None = None) -> np.ndarray:
    """[N, D] -> [N, D] by mean and deviation of the first `measured` rows (None: of all)."""
    largest = np.abs(codes).max(axis=0)
    scaled = codes / np.where(largest > 0, largest, 1.0)
    part = scaled[:measured]
    centred = scaled - part.mean(axis=0)
    spread = np.where(np.ptp(part, axis=0) > 0, part.std(axis=0), 0.0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=np.broadcast_to(spread > 0, centred.shape))


def deviations(codes: np.ndarray) -> np.ndarray:
    """Standard deviation of every dimension, exactly 0 for a constant one: [N, D] -> [D]."""
    largest = np.abs(codes).max(axis=0)
    scaled = codes / np.where(largest > 0, largest, 1.0)
    found: np.ndarray = np.where(np.ptp(scaled, axis=0) > 0, scaled.std(axis=0), 0.0) * largest
    return found

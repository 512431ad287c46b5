"""Codes of mean 0 and deviation 1, whatever their scale was, without overflow; a dimension that does not vary becomes 0."""

from __future__ import annotations

import numpy as np


def standardised(codes: np.ndarray, measured: int | None = None) -> np.ndarray:
    """[N, D] -> [N, D] by mean and deviation of the first `measured` rows (None: of all)."""
    largest = np.abs(codes).max(axis=0)
    scaled = codes / np.where(largest > 0, largest, 1.0)
    part = scaled[:measured]
    centred = scaled - part.mean(axis=0)
    deviations = np.where(np.ptp(part, axis=0) > 0, part.std(axis=0), 0.0)
    return np.divide(centred, deviations, out=np.zeros_like(centred), where=np.broadcast_to(deviations > 0, centred.shape))

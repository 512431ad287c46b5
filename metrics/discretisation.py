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
    binned = np.empty(codes.shape, dtype=np.int64)
    for k, values in enumerate(codes.T):
        left_edges = np.histogram_bin_edges(values, bins)[:-1]
        binned[:, k] = np.searchsorted(left_edges, values, side="right") - 1
    return binned

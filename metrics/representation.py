"""Codes and factors of the same samples: all that a metric may see. Saved and read in the field's exchange format.

A folder with `representations.npz` (arrays `mean` and `sampled`, [N, D]) and `classes.csv` (a header of factor names, N rows of
class indices) is what Dapueto et al. (2024) exchange; `factors.json` beside them, where present, tells sizes and kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from datasets.factor_space import FactorSpace
from foundation.errors import UserError


@dataclass(frozen=True)
class Representation:
    """N samples: `codes` [N, D] float64, `factors` [N, F] (int64, or float64 where a factor is continuous).

    `mode` is "mean" (posterior means) or "sampled" (one posterior draw); `sample` names how the rows were drawn ("uniform",
    "intervention", "file"); `blocks` names slices of the code dimensions that belong together.
    Raises UserError where the arrays do not fit, where a code is not finite, and for fewer than two samples.
    """

    codes: np.ndarray
    factors: np.ndarray
    factor_space: FactorSpace
    mode: str = "mean"
    sample: str = "file"
    blocks: Mapping[str, slice] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.codes.ndim != 2 or not self.codes.shape[1]:
            raise UserError(f"codes must be [samples, dimensions], not {list(self.codes.shape)}")
        expected = (len(self.codes), len(self.factor_space))
        if self.factors.shape != expected:
            raise UserError(f"{len(self.codes)} codes need factors of shape {list(expected)}, not {list(self.factors.shape)}")
        if len(self.codes) < 2:
            raise UserError(f"{len(self.codes)} sample: nothing can be compared; at least 2 are needed")
        bad = np.flatnonzero(~np.isfinite(self.codes).all(axis=1))
        if len(bad):
            where = f"{len(bad)} of {len(self.codes)} rows, first in row {bad[0] + 1}"
            raise UserError(f"codes ({self.mode}) are NaN or infinite in {where}; leave these samples out of codes and factors")

    def block(self, name: str) -> Representation:
        """The same samples, with the code dimensions of one block only."""
        if name not in self.blocks:
            raise UserError(f"there is no block {name!r} of dimensions; blocks are {', '.join(self.blocks) or 'none'}")
        return Representation(self.codes[:, self.blocks[name]], self.factors, self.factor_space, self.mode, self.sample)

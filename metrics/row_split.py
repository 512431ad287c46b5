"""Which rows train a predictor and which test it, and which are left out where all of them would cost too much."""

from __future__ import annotations

import dataclasses

import numpy as np

from metrics.representation import Representation


def training_rows(samples: int) -> int:
    """How many of the first rows train: two thirds, rounded up; the rest test, in file order, as the field does it."""
    return -(-2 * samples // 3)


def rows_at_most(representation: Representation, limit: int, rng: np.random.Generator) -> Representation:
    """`limit` of the rows, drawn without replacement and kept in file order; all of them where there are no more, or for limit 0."""
    samples = len(representation.codes)
    if not limit or samples <= limit:
        return representation
    chosen = np.sort(rng.choice(samples, limit, replace=False, shuffle=False))
    return dataclasses.replace(representation, codes=representation.codes[chosen], factors=representation.factors[chosen])

"""Codes for benchmarks: like those of a model of Shapes3D, made on the spot, so that no file is needed."""

from __future__ import annotations

import numpy as np

from datasets.factor_space import FactorSpace
from foundation.randomness import stream
from metrics.representation import Representation

SIZES = (10, 10, 10, 8, 4, 15)


def generated(samples: int, noise: float = 0.1) -> Representation:
    """Codes of ten dimensions, each factor in one of them and a little in the others, of uniformly drawn factors."""
    rng = stream(0, "codes", samples)
    factors = np.stack([rng.integers(0, size, samples) for size in SIZES], axis=1)
    mixing = np.eye(len(SIZES), 10) + 0.1 * stream(0, "mixing").normal(size=(len(SIZES), 10))
    codes = (factors / SIZES) @ mixing + noise * rng.normal(size=(samples, 10))
    space = FactorSpace(tuple(f"factor_{i}" for i in range(len(SIZES))), SIZES, ("ordinal",) * len(SIZES))
    return Representation(codes, factors, space)

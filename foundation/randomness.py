"""Named streams of random numbers: every draw of the project is a function of a seed and a name, never of what was drawn before.

A batch, a noise, a permutation that is drawn from `stream(seed, "data", step)` is the same whether the run was interrupted, how
many workers drew it, or which metric was computed before. That is what makes resuming exact and results reproducible.
"""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *key: str | int) -> np.random.Generator:
    """An independent generator for `key` under `seed` (a non-negative integer). Words are hashed, numbers taken as they are."""
    words = [zlib.crc32(part.encode()) if isinstance(part, str) else int(part) for part in key]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))

"""Codes and factors for the tests of metrics: full grids, sparse samples, and the published files where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from metrics.representation import Representation
from metrics.scores import Scores

SHAPES3D = (10, 10, 10, 8, 4, 15)


def space(sizes, kinds=None):
    return FactorSpace(tuple(f"f{i}" for i in range(len(sizes))), tuple(sizes), tuple(kinds or ["ordinal"] * len(sizes)))


def grid(sizes):
    """Every combination of values, the last factor fastest."""
    return np.stack(np.meshgrid(*map(np.arange, sizes), indexing="ij"), axis=-1).reshape(-1, len(sizes))


def drawn(sizes, samples, rng):
    """Uniform factors, [samples, F]."""
    return np.stack([rng.integers(0, size, samples) for size in sizes], axis=1)


def of(codes, factors, sizes=None, mode="mean"):
    sizes = sizes or [int(column.max()) + 1 for column in factors.T]
    return Representation(np.asarray(codes, dtype=np.float64), factors, space(sizes), mode)


def value(scores: Scores, metric: str, factor: str | None = None, **setting: object) -> float:
    """The one row of this metric, factor and (at least) this setting."""
    found = [
        row.value
        for row in scores.rows
        if row.metric == metric and row.factor == factor and all(row.setting.get(k) == v for k, v in setting.items())
    ]
    assert len(found) == 1, (metric, factor, setting, found)
    return found[0]


def reference() -> Path:
    """The folder with published codes and measured scores; the test is skipped where it is not given."""
    folder = os.environ.get("FOVEA_REFERENCE")
    if not folder:
        pytest.skip("FOVEA_REFERENCE names no folder with reference scores")
    return Path(folder)


def reference_folder(name: str) -> Path:
    return reference() / ("omes_example" if name == "example" else f"gold/{name}")


def reference_scores(file: str):
    return json.loads((reference() / "gold" / file).read_text())

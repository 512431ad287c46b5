"""What a metric returns: rows of numbers, matrices for heat maps, and refusals with their reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from metrics.representation import Representation

Setting = Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Row:
    """One number: of a metric, under a setting, for one factor or (`factor` None) for all of them together."""

    metric: str
    setting: Setting
    factor: str | None
    value: float

    def as_json(self) -> dict[str, object]:
        """The row as `scores.json` holds it; a value that is not a number becomes null."""
        value = float(self.value) if math.isfinite(self.value) else None
        return {"metric": self.metric, "setting": dict(self.setting), "factor": self.factor, "value": value}


@dataclass(frozen=True)
class Matrix:
    """Values [rows, columns] with their labels, for a heat map: code dimensions against factors."""

    values: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """Why a metric has no number: for one factor, or (`factor` None) altogether."""

    metric: str
    factor: str | None
    reason: str


@dataclass(frozen=True)
class Scores:
    """All that one metric found.

    `outcomes`: for rows (by their place in `rows`) whose value is a mean over test rows, the outcome of each test row, [n]; their
    interval comes from drawing these again, without another fit.
    """

    rows: Sequence[Row] = ()
    matrices: Mapping[str, Matrix] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()
    outcomes: Mapping[int, np.ndarray] = field(default_factory=dict)


# Endings of rows that tell what a score rests on, or belong to a score: they have no null, no ceiling and no interval.
BESIDE = ("pairs", "training", "dimension", "dimensions", "samples", "factors_scored", "standard_error", "null", "ceiling", "low", "high")


def score_rows(rows: Sequence[Row]) -> list[Row]:
    """Those rows that are scores, not counts or companions."""
    return [row for row in rows if not row.metric.endswith(tuple(f"_{ending}" for ending in BESIDE))]


def row_key(row: Row) -> tuple[object, ...]:
    """What tells rows apart: equal for the same metric, setting and factor."""
    return row.metric, tuple(sorted(row.setting.items())), row.factor


def rows_with_mean(metric: str, setting: Setting, names: Sequence[str], values: np.ndarray) -> list[Row]:
    """The mean over the factors (factor None), then the value of each: one row for it and one for every name."""
    return [Row(metric, setting, None, float(values.mean())), *rows_by_factor(metric, setting, names, values)]


def rows_by_factor(metric: str, setting: Setting, names: Sequence[str], values: Iterable[float]) -> list[Row]:
    """One row for every factor; a number of pairs, a dimension and the like have no mean."""
    return [Row(metric, setting, name, float(value)) for name, value in zip(names, values, strict=True)]


class Metric(Protocol):
    """A function of codes and factors. It reads no files, prints nothing, and draws only from `rng`."""

    def __call__(self, representation: Representation, rng: np.random.Generator) -> Scores: ...

"""What makes a score readable alone: what a perfect code gets on these very samples (ceiling), and a shuffled one (null).

The ceiling is below 1 where the metric, the sizes of the factors or the samples at hand forbid more; the null is above 0
where chance alone earns something. Both are found by scoring another code with the metric's own function (`readable`), so they
hold for every metric.

The perfect code holds the values of each factor in rising order, evenly spaced. It is a yardstick, not a bound: where the
samples pair some values more often than others, a code that spaces the values otherwise may score a little more.
"""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np

from metrics.representation import Representation


class ReferenceCodes:
    """The perfect code and some shuffled codes of one representation, each made once: metrics that share fits find the same objects."""

    def __init__(self, representation: Representation, rng: np.random.Generator) -> None:
        self._representation = representation
        self._rng = rng
        self._shuffled: list[Representation] = []

    @cached_property
    def perfect(self) -> Representation:
        """The perfect code."""
        return perfect_code(self._representation)

    def shuffled(self, number: int) -> list[Representation]:
        """So many shuffled codes, the same first ones each time."""
        while len(self._shuffled) < number:
            self._shuffled.append(shuffled(self._representation, self._rng))
        return self._shuffled[:number]


def perfect_code(representation: Representation) -> Representation:
    """One dimension per factor: its value in rising order, scaled to standard deviation 1 (0 for a constant factor)."""
    values = representation.factors.astype(np.float64)
    values = values - values.mean(axis=0)
    deviations = values.std(axis=0)
    codes = np.divide(values, deviations, out=np.zeros_like(values), where=np.ptp(representation.factors, axis=0) > 0)
    return dataclasses.replace(representation, codes=codes, blocks={})


def shuffled(representation: Representation, rng: np.random.Generator) -> Representation:
    """The same codes, handed out to the samples at random: they say nothing of the factors any more."""
    return dataclasses.replace(representation, codes=rng.permutation(representation.codes))

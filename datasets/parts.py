"""Which rows of a data set views begin from: all, those to train on, or those held out for scores.

A tenth is held out unless told otherwise: of a recorded walk its end, of any other set rows chosen at random by a seed. Only where
a view begins is decided: a pair that is held out may end in a picture that training has seen, from elsewhere.

    views.WeakPairs.part = @parts.Training()
    held_out/walks.ActionWalks.part = @parts.HeldOut()
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from datasets.factored_dataset import FactoredDataset
from foundation.errors import UserError
from foundation.randomness import stream

MOST_ROUNDS = 10_000


class Part(Protocol):
    """Rows of a data set."""

    def rows(self, dataset: FactoredDataset, size: int, rng: np.random.Generator, ahead: int = 0) -> np.ndarray:
        """Rows [size], uniform over those of this part which have `ahead` rows of it after them (in a recorded walk)."""


def starts(part: Part | None, dataset: FactoredDataset, size: int, rng: np.random.Generator, ahead: int = 0) -> np.ndarray:
    """Rows [size] to begin views from; where `part` is None, any."""
    if part is not None:
        return part.rows(dataset, size, rng, ahead)
    return _between(0, len(dataset.factors), dataset, size, rng, ahead)


class Training:
    """What `HeldOut` of the same `fraction` and `seed` leaves."""

    def __init__(self, fraction: float = 0.1, seed: int = 0) -> None:
        self.fraction = _share(fraction)
        self.seed = seed

    def rows(self, dataset: FactoredDataset, size: int, rng: np.random.Generator, ahead: int = 0) -> np.ndarray:
        if dataset.walk is not None:
            return _between(0, _cut(dataset, self.fraction), dataset, size, rng, ahead)
        return _drawn_until(False, self.fraction, self.seed, dataset, size, rng)


class HeldOut:
    """The last `fraction` of a recorded walk, or about that share of the rows of any other set, chosen by `seed`."""

    def __init__(self, fraction: float = 0.1, seed: int = 0) -> None:
        self.fraction = _share(fraction)
        self.seed = seed

    def rows(self, dataset: FactoredDataset, size: int, rng: np.random.Generator, ahead: int = 0) -> np.ndarray:
        if dataset.walk is not None:
            return _between(_cut(dataset, self.fraction), len(dataset.factors), dataset, size, rng, ahead)
        return _drawn_until(True, self.fraction, self.seed, dataset, size, rng)


def _share(fraction: float) -> float:
    if not 0 < fraction < 1:
        raise UserError(f"the share of rows that are held out lies between 0 and 1, not {fraction:g}")
    return fraction


def _cut(dataset: FactoredDataset, fraction: float) -> int:
    """The first row that is held out of a recorded walk."""
    return len(dataset.factors) - round(fraction * len(dataset.factors))


def _between(first: int, last: int, dataset: FactoredDataset, size: int, rng: np.random.Generator, ahead: int) -> np.ndarray:
    if last - ahead <= first:
        raise UserError(f"{dataset.name}: {last - first} rows hold no walk of {ahead} actions; take shorter walks or a larger part")
    return rng.integers(first, last - ahead, size)


def _drawn_until(held_out: bool, fraction: float, seed: int, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> np.ndarray:
    """Uniform rows, each redrawn until it belongs here: a hash tells, so that no list of millions of rows is kept."""
    key = stream(seed, "held out").integers(2**63, dtype=np.uint64)
    rows = rng.integers(0, len(dataset.factors), size)
    wrong = np.arange(size)
    for _ in range(MOST_ROUNDS):
        wrong = wrong[(_hashed(rows[wrong], key) < fraction) != held_out]
        if not len(wrong):
            return rows
        rows[wrong] = rng.integers(0, len(dataset.factors), len(wrong))
    raise UserError(f"{dataset.name}: none of its {len(dataset.factors):,} rows is in the part asked for; change its fraction or seed")


def _hashed(rows: np.ndarray, key: np.uint64) -> np.ndarray:
    """A number from 0 to 1 for each row (the mixing function of splitmix64, Steele et al. 2014)."""
    mixed = rows.astype(np.uint64) + key
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed ^ (mixed >> np.uint64(31))) / 2.0**64

"""What a data set of sequences is: a flat table of frames, and which rows of it follow each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from datasets.factor_tables import FactorTable
from datasets.factored_dataset import FactoredDataset


@dataclass(frozen=True, eq=False)
class Sequences:
    """S sequences: frame t of sequence s is row `starts[s] + t` of the data set, for t below `lengths[s]`.

    `starts` and `lengths` are [S] int64. `constant` names the factors that keep one value through a sequence (who, which
    action); all others may change from frame to frame.
    """

    starts: np.ndarray
    lengths: np.ndarray
    constant: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.starts)


def one_after_another(lengths: np.ndarray, constant: tuple[str, ...]) -> Sequences:
    """Sequences of these lengths [S] whose frames fill the table from its first row on, without gaps."""
    lengths = np.asarray(lengths, dtype=np.int64)
    return Sequences(np.cumsum(lengths) - lengths, lengths, constant)


def by_frame(factors: FactorTable) -> Sequences:
    """The sequences of a table whose last factor is the frame, from first to last in each, and whose other factors they keep."""
    *constant, _ = factors.space.names
    frames = factors.space.sizes[-1]
    return one_after_another(np.full(len(factors) // frames, frames), tuple(constant))


class SequenceDataset(FactoredDataset, Protocol):
    """A data set whose observations are frames of sequences."""

    @property
    def sequences(self) -> Sequences: ...

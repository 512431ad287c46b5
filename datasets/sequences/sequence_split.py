"""Some sequences of a data set, to train on, and the others, to be judged by.

Differs from the released code of VDSM (Vowels et al. 2021): the split has a seed of its own wherever it is opened, and can keep
whole identities together, so that the sequences held out show nobody who was trained on.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from torch import Tensor

from datasets.factor_tables import FactorTable, ListedTable
from datasets.factored_dataset import FactorAccess
from datasets.sequences.sequence_dataset import SequenceDataset, Sequences, one_after_another
from foundation.errors import UserError
from foundation.randomness import stream

PARTS = ("train", "test")


class SequenceSplit(FactorAccess):
    """`part` train or test of the sequences of `dataset`; `share` of them, drawn with `seed`, are the test.

    `by` names factors of whole sequences: all that agree in them fall on the same side, and `share` counts such groups.
    Raises UserError for an unknown part, factors that change within a sequence, and a side that would be empty.
    """

    def __init__(self, dataset: SequenceDataset, part: str = "train", share: float = 0.25, by: tuple[str, ...] = (), seed: int = 0) -> None:
        if part not in PARTS:
            raise UserError(f"{dataset.name}: the parts of a split are {' and '.join(PARTS)}, not {part!r}")
        self._dataset = dataset
        self._part, self._share, self._by, self._seed = part, share, by, seed
        self.name = dataset.name
        self.observation_shape = dataset.observation_shape
        unit = " and ".join(by) or "sequence"
        self.provenance = f"{dataset.provenance}; {part} of a split {share:.0%} held out by {unit}, seed {seed}"

    @cached_property
    def _chosen(self) -> np.ndarray:
        """Sequences of this part, in order: [S]."""
        whole = self._dataset.sequences
        changing = [name for name in self._by if name not in whole.constant]
        if changing:
            raise UserError(f"{self.name}: sequences cannot be split by {', '.join(changing)}, which changes within them; "
                            f"factors of whole sequences are {', '.join(whole.constant)}")  # fmt: skip
        group = np.arange(len(whole))
        if self._by:
            columns = [self._dataset.factor_space.index(name) for name in self._by]
            group = np.unique(self._dataset.factors[whole.starts][:, columns], axis=0, return_inverse=True)[1].ravel()
        groups = int(group.max()) + 1
        held = round(self._share * groups)
        if not 0 < held < groups:
            raise UserError(f"{self.name}: a share of {self._share:g} of {groups} leaves one side of the split empty")
        test = np.zeros(groups, dtype=bool)
        test[stream(self._seed, "sequence split").permutation(groups)[:held]] = True
        return np.flatnonzero(test[group] == (self._part == "test"))

    @cached_property
    def sequences(self) -> Sequences:
        whole = self._dataset.sequences
        return one_after_another(whole.lengths[self._chosen], whole.constant)

    @cached_property
    def _rows(self) -> np.ndarray:
        """Row of the whole data set for each row of this part: [N]."""
        shift = self._dataset.sequences.starts[self._chosen] - self.sequences.starts
        return np.arange(self.sequences.lengths.sum()) + np.repeat(shift, self.sequences.lengths)

    @cached_property
    def factors(self) -> FactorTable:  # type: ignore[override]  # read when it is first looked at
        return ListedTable(self._dataset.factors[self._rows], self._dataset.factor_space)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., *observation_shape]. `rng` is handed on."""
        return self._dataset.observations(self._rows[indices], rng)

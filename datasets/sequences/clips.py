"""Clips: frames that follow each other, as views. Observations become [B, T, C, H, W], targets [B, T, K].

Differs from the released code of VDSM (Vowels et al. 2021): sequences that are too short are left out from the start and
counted, instead of being replaced by their neighbours, which made those too frequent; every draw has a window of its own.
"""

from __future__ import annotations

import logging

import numpy as np

from datasets.actions import NO_ACTIONS, ActionSpace
from datasets.factored_dataset import FactoredDataset
from datasets.sequences.sequence_dataset import Sequences
from foundation.errors import UserError

logger = logging.getLogger(__name__)


class Clips:
    """`length` frames of one sequence, `stride` apart: the sequence is drawn uniformly, then the first frame.

    Sequences that are too short are never drawn, and a line in the log counts them; with `pad` they are drawn too, and their
    last frame stands still. Raises UserError where the data set has no sequences, or none that is long enough.
    """

    apart = 1

    def __init__(self, length: int, stride: int = 1, pad: bool = False) -> None:
        self.views = length
        self.stride = stride
        self.pad = pad
        self._said = False

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        return NO_ACTIONS

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, None]:
        sequences = sequences_of(dataset)
        drawable = self.drawable(dataset.name, sequences)
        chosen = drawable[rng.integers(0, len(drawable), size)]
        return self.window(sequences, chosen, rng), None

    def window(self, sequences: Sequences, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Rows [B, T] of one clip of each of the sequences `chosen` [B]; the first frame is uniform over those possible."""
        span = (self.views - 1) * self.stride + 1
        lengths = sequences.lengths[chosen]
        first = rng.integers(0, np.maximum(lengths - span, 0) + 1)
        frames = np.minimum(first[:, None] + self.stride * np.arange(self.views), lengths[:, None] - 1)
        return sequences.starts[chosen][:, None] + frames

    def drawable(self, name: str, sequences: Sequences) -> np.ndarray:
        """The sequences that are long enough: [D]. `name` is the data set's, for errors and the log."""
        if self.views < 1 or self.stride < 1:
            raise UserError(f"clips need a length and a stride of at least 1, not {self.views} and {self.stride}")
        if self.pad:
            return np.arange(len(sequences))
        span = (self.views - 1) * self.stride + 1
        drawable = np.flatnonzero(sequences.lengths >= span)
        if not len(drawable):
            raise UserError(
                f"{name}: no sequence has the {span} frames of a clip (length {self.views}, stride {self.stride}); the longest has "
                f"{sequences.lengths.max()}: ask for shorter clips, or set Clips.pad = True to let the last frame stand still"
            )
        if len(drawable) < len(sequences) and not self._said:
            self._said = True
            logger.warning("%s: %d of %d sequences are shorter than %d frames and never drawn; Clips.pad = True draws them too",
                           name, len(sequences) - len(drawable), len(sequences), span)  # fmt: skip
        return drawable


class JoinedClips:
    """`count` clips, one after another, of sequences that agree in the factors `shared`: one person in several actions.

    The first sequence is drawn as by `clips`, the others uniformly among those that agree with it, itself included.
    Views are count x clips.views. Raises UserError as `clips` does, and for shared factors that change within a sequence.
    """

    apart = 1

    def __init__(self, clips: Clips, shared: tuple[str, ...], count: int = 2) -> None:
        self.clips = clips
        self.shared = shared
        self.count = count
        self.views = count * clips.views
        self._groups: tuple[FactoredDataset, np.ndarray, np.ndarray, np.ndarray] | None = None

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        return NO_ACTIONS

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, None]:
        if self._groups is None or self._groups[0] is not dataset:
            self._groups = dataset, *self._grouped(dataset)
        _, members, sizes, group = self._groups
        drawn = group[rng.integers(0, len(group), size)]
        turns = (rng.random((size, self.count)) * sizes[drawn][:, None]).astype(np.int64)
        chosen = members[(np.cumsum(sizes) - sizes)[drawn][:, None] + turns]
        rows = self.clips.window(sequences_of(dataset), chosen.ravel(), rng)
        return rows.reshape(size, self.views), None

    def _grouped(self, dataset: FactoredDataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Drawable sequences in the order of their groups, sizes of the groups, and the group of each drawable sequence."""
        sequences = sequences_of(dataset)
        changing = [name for name in self.shared if name not in sequences.constant]
        if changing or not self.shared:
            raise UserError(
                f"{dataset.name}: joined clips share factors of whole sequences ({', '.join(sequences.constant)}), "
                f"not {', '.join(changing) or 'none'}"
            )
        drawable = self.clips.drawable(dataset.name, sequences)
        columns = [dataset.factor_space.index(name) for name in self.shared]
        values = dataset.factors[sequences.starts[drawable]][:, columns]
        group = np.unique(values, axis=0, return_inverse=True)[1].ravel()
        return drawable[np.argsort(group, kind="stable")], np.bincount(group), group


def sequences_of(dataset: FactoredDataset) -> Sequences:
    """The sequences of a data set. Raises UserError for a set of single images."""
    sequences = getattr(dataset, "sequences", None)
    if not isinstance(sequences, Sequences):
        raise UserError(f"{dataset.name} has single images, no sequences: clips can be drawn from sets of sequences only")
    return sequences

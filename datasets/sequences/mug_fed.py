"""MUG-FED, faces that show an emotion (Aifanti et al. 2010), as VDSM reads them (Vowels et al. 2021, arXiv 2103.07292).

Faces come aligned, 112 x 112; every second frame is kept, three of nine actions are dropped (extra, mixed and neutral, if
the labels follow the alphabet), and a crop of 160, larger than the face, sets it on a black border before it shrinks to 64.

Differs from the released code: actions are relabelled once, on a copy (there in place, at every look, so that the classes 7
and 8 are dropped when they are seen again); sequences are flipped whole (there frame by frame); the store is filled by a reader
that executes nothing (there the file is unpickled).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from datasets.factor_space import FactorSpace
from datasets.factor_tables import FactorTable, ListedTable
from datasets.factored_dataset import FactorAccess
from datasets.packed_cache import packed_array
from datasets.sequences.mug_fed_file import ACTIONS, NAME, Recording
from datasets.sequences.sequence_dataset import Sequences, one_after_another
from foundation.errors import UserError

SIZE = 64
SIX_ACTIONS = np.array([0, 1, -1, 3, 4, -1, -1, 2, 5])
"""The class that the released code gives to each label, -1 where it drops the sequence."""
HELD_OUT = 0.25
VERSION = 1
"""To be raised whenever a stored image changes."""

logger = logging.getLogger(__name__)


class MugFed(FactorAccess):
    """Observations are faces [3, 64, 64] from 0 to 1; factors identity, action, frame; sequences as they were recorded.

    `part` is all, train or test: the released split, a quarter of the recorded sequences held out with `seed`; identities are on
    both sides (SequenceSplit by identity keeps them apart). `all_actions` keeps nine; `frame_step` 2 keeps every second frame.
    `crop` is the side in pixels of the square that is cut from the centre, black beyond the face: 112 fills the image with it.
    `flips` mirrors half of the sequences, drawn anew for each: the last axis of a batch of indices is one clip.
    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where a file is missing or an option unknown, and for a damaged file when it is read.
    """

    name = NAME
    observation_shape = (3, SIZE, SIZE)

    def __init__(
        self,
        part: str = "all",
        seed: int = 0,
        all_actions: bool = False,
        frame_step: int = 2,
        crop: int = 160,
        flips: bool = False,
        root: str | None = None,
    ) -> None:
        if part not in ("all", "train", "test"):
            raise UserError(f"{NAME}: the parts are all, train and test, not {part!r}")
        if frame_step < 1 or crop < 1:
            raise UserError(f"{NAME}: frame_step and crop must be at least 1, not {frame_step} and {crop}")
        self._part, self._seed, self._all_actions = part, seed, all_actions
        self._frame_step, self._crop, self._flips = frame_step, crop, flips
        self._recording = Recording(root)

    @property
    def provenance(self) -> str:
        part = "" if self._part == "all" else f"; {self._part} of the released split, seed {self._seed}"
        return f"published file {self._recording.frames_path}{part}"

    @cached_property
    def _labels(self) -> np.ndarray:
        """Identity and action of all recorded sequences, -1 for actions that are dropped: [N, 2]."""
        labels = self._recording.labels()
        if len(labels) != self._recording.count():
            raise UserError(f"{NAME}: {self._recording.labels_path} has {len(labels)} rows, {self._recording.frames_path} has "
                            f"{self._recording.count()} sequences; they do not belong together")  # fmt: skip
        if not self._all_actions:
            labels[:, 1] = SIX_ACTIONS[labels[:, 1]]
        return labels

    @cached_property
    def _chosen(self) -> np.ndarray:
        """The recorded sequences of this part whose action is kept, in order: [S]."""
        kept = self._labels[:, 1] >= 0
        if self._part != "all":
            # The released code calls scikit-learn's train_test_split: a quarter of a permutation is the test.
            order = np.random.RandomState(self._seed).permutation(len(kept))
            test = np.zeros(len(kept), dtype=bool)
            test[order[: int(np.ceil(HELD_OUT * len(kept)))]] = True
            kept &= test == (self._part == "test")
        if not kept.any():
            raise UserError(f"{NAME}: no sequence of {self._recording.frames_path} is left in the part {self._part}")
        return np.flatnonzero(kept)

    @cached_property
    def _lengths(self) -> np.ndarray:
        """Frames of all recorded sequences: [N]. The authors' edition is read through once to know them."""
        identity, shape = self._recording.identity(), (self._recording.count(),)
        return packed_array(f"{NAME}-lengths", identity, shape, lambda lengths: np.copyto(lengths, self._recording.lengths()), np.int64)

    @cached_property
    def _faces(self) -> np.ndarray:
        """All recorded frames, cut and shrunk: [frames, 3, 64, 64] uint8."""
        identity = f"{self._recording.identity()}; crop {self._crop}, version {VERSION}"
        return packed_array(NAME, identity, (int(self._lengths.sum()), *self.observation_shape), self._fill)

    def _fill(self, store: np.ndarray) -> None:
        logger.warning("%s is converted once (%.1f GB)", self._recording.frames_path, store.nbytes / 1e9)
        filled = 0

        def take(frames: np.ndarray) -> None:
            nonlocal filled
            store[filled : filled + len(frames)] = prepared(frames, self._crop)
            filled += len(frames)

        self._recording.each_block(take)

    @cached_property
    def sequences(self) -> Sequences:
        kept = -(-self._lengths[self._chosen] // self._frame_step)
        return one_after_another(kept, ("identity", "action"))

    @cached_property
    def factors(self) -> FactorTable:  # type: ignore[override]  # the lengths of the sequences stand in the file
        sequences = self.sequences
        labels = np.repeat(self._labels[self._chosen], sequences.lengths, axis=0)
        frame = np.arange(len(labels)) - np.repeat(sequences.starts, sequences.lengths)
        longest = int(-(-self._lengths.max() // self._frame_step))
        actions = len(ACTIONS) if self._all_actions else int(SIX_ACTIONS.max()) + 1
        sizes = (int(self._labels[:, 0].max()) + 1, actions, longest)
        space = FactorSpace(("identity", "action", "frame"), sizes, ("categorical", "categorical", "ordinal"))
        return ListedTable(np.column_stack([labels, frame]), space)

    @cached_property
    def _rows(self) -> np.ndarray:
        """Row of the store for each row of the table: [N]."""
        first = (np.cumsum(self._lengths) - self._lengths)[self._chosen]
        sequences = self.sequences
        frame = np.arange(int(sequences.lengths.sum())) - np.repeat(sequences.starts, sequences.lengths)
        return np.repeat(first, sequences.lengths) + self._frame_step * frame

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` draws the flips: one for each clip [..., T], or for each of a list [B]."""
        indices = np.asarray(indices)
        images = torch.from_numpy(self._faces[self._rows[indices.ravel()]]).to(torch.float32).div_(255)
        images = images.view(*indices.shape, *self.observation_shape)
        if self._flips:
            clips = indices.shape[:-1] if indices.ndim > 1 else indices.shape
            flipped = torch.from_numpy(np.asarray(rng.random(clips) < 0.5)).view(*clips, *(1,) * (images.ndim - len(clips)))
            images = torch.where(flipped, images.flip(-1), images)
        return images


def prepared(frames: np.ndarray, crop: int) -> np.ndarray:
    """Frames [T, H, W, 3] uint8 -> [T, 3, 64, 64]: the central square of `crop` pixels, black beyond the frame, shrunk smoothly."""
    images = torch.tensor(frames).permute(0, 3, 1, 2).to(torch.float32)
    height, width = images.shape[2:]
    # A negative width of padding cuts.
    top, left = (crop - height) // 2, (crop - width) // 2
    images = functional.pad(images, (left, crop - width - left, top, crop - height - top))
    shrunk = functional.interpolate(images, size=(SIZE, SIZE), mode="bilinear", antialias=True, align_corners=False)
    return shrunk.round_().clamp_(0, 255).to(torch.uint8).numpy()


def check(root: str | None = None) -> list[str]:
    """What the two files hold differently from what they should, one line each; all sequences are looked at."""
    recording = Recording(root)
    differences: list[str] = []
    rows = _counted(recording.labels, differences)
    sequences = _counted(recording.lengths, differences)
    if rows and sequences and rows != sequences:
        differences.append(f"{NAME}: {rows} rows of labels for {sequences} sequences of frames")
    return differences


def _counted(read: Callable[[], np.ndarray], differences: list[str]) -> int:
    """Rows of what `read` gives; 0, and its complaint among the differences, where it gives none."""
    try:
        return len(read())
    except UserError as error:
        differences.append(str(error))
        return 0

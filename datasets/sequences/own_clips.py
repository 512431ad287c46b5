"""Your own clips as a data set of sequences.

    np.savez("clips.npz", images=frames, lengths=lengths, factors=labels, names=["who", "what"])

`images` [N, ...] are the frames of all clips, one clip after another; `lengths` [S] says how many each has. `factors` are [S, K], one
row a clip, or [N, K], one row a frame. Clips are seen through clips.Clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from datasets.array_dataset import ArrayDataset
from datasets.own_arrays import read_arrays, words
from datasets.sequences.sequence_dataset import one_after_another
from foundation.errors import UserError


class OwnClips(ArrayDataset):
    """As ArrayDataset; the factor `frame` (ordinal) is added, and `clip` where no factors are given.

    Raises UserError for lengths that do not add up to the frames, and as ArrayDataset does.
    """

    def __init__(
        self,
        images: np.ndarray,
        lengths: np.ndarray,
        factors: np.ndarray | None = None,
        names: Sequence[str] = (),
        kinds: Sequence[str] = (),
        name: str = "own clips",
    ) -> None:
        lengths = np.asarray(lengths)
        if lengths.ndim != 1 or not np.issubdtype(lengths.dtype, np.integer) or not len(lengths) or lengths.min() < 1:
            raise UserError(f"{name}: lengths must be a whole number from 1 for each clip, not {lengths.dtype} {list(lengths.shape)}")
        if lengths.sum() != len(images):
            raise UserError(f"{name}: lengths add up to {lengths.sum():,} frames, but there are {len(images):,}")
        clip = np.repeat(np.arange(len(lengths)), lengths)
        if factors is None:
            factors, names, kinds = np.arange(len(lengths))[:, None], ("clip",), ("categorical",)
        if np.ndim(factors) != 2 or len(factors) not in (len(lengths), len(images)):
            raise UserError(
                f"{name}: factors must be [{len(lengths)}, K], a row for each clip, or [{len(images)}, K], a row for each frame, not "
                f"{list(np.shape(factors))}"
            )
        rows = factors[clip] if len(factors) == len(lengths) else factors
        frame = np.arange(len(images)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        kinds = tuple(kinds) or ("ordinal",) * len(names)
        super().__init__(images, np.column_stack([rows, frame]), (*names, "frame"), (*kinds, "ordinal"), name)
        changes = np.any(rows != rows[(np.cumsum(lengths) - lengths)[clip]], axis=0)
        self.sequences = one_after_another(lengths, tuple(one for one, moves in zip(names, changes, strict=True) if not moves))


def from_npz(path: str) -> OwnClips:
    """The clips of an npz file with `images` and `lengths`, and, if it has them, `factors`, `names` and `kinds`. Nothing is unpickled."""
    arrays = read_arrays(path, ("images", "lengths"), ("factors", "names", "kinds"))
    nothing = np.empty(0, str)
    names, kinds = words(arrays.get("names", nothing)), words(arrays.get("kinds", nothing))
    dataset = OwnClips(arrays["images"], arrays["lengths"], arrays.get("factors"), names, kinds, Path(path).stem)
    dataset.provenance = f"file {path}"
    return dataset

"""The two files of MUG-FED as the authors of VDSM prepared them: faces of 112 x 112, and who shows what.

MUG_0-255_OF_112x112_color.npz holds one array of frames per sequence, as a pickled object array (`arr_0`) in the authors' edition,
and without any pickle (`frames` [all frames, 112, 112, 3], `lengths` [N]) in ours. labels.npz holds `arr_0` [N, 2]: identity, action.
Faces of the MUG database (Aifanti et al. 2010) may not be passed on: each user asks for them at mug.ee.auth.gr.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from datasets.data_folder import published_path
from datasets.npz_rows import NpzRows, Unreadable
from datasets.sequences.restricted_pickle import Refused, kept_arrays
from foundation.damaged_npz import DAMAGE
from foundation.errors import UserError

NAME = "mug_fed"
FRAMES_FILE = "MUG_0-255_OF_112x112_color.npz"
LABELS_FILE = "labels.npz"
FOLDERS = ("MUG-FED", "mug_fed")
FACE_SHAPE = (112, 112, 3)
ACTIONS = ("anger", "disgust", "extra", "fear", "happiness", "mixed", "neutral", "sadness", "surprise")
"""Meaning of the labels 0 to 8, as the alphabet and the released code's choice of six suggest; the files do not say it."""
_READ_FRAMES = 256


class Recording:
    """The two files; nothing is opened before it is asked for. Raises UserError for anything but the formats above."""

    def __init__(self, root: str | None = None) -> None:
        self.frames_path = published_path(NAME, [f"{folder}/{FRAMES_FILE}" for folder in FOLDERS], root)
        self.labels_path = published_path(NAME, [f"{folder}/{LABELS_FILE}" for folder in FOLDERS], root)

    def identity(self) -> str:
        """What tells this file of frames from another: where it is, its size and its time."""
        status = self.frames_path.stat()
        return f"{self.frames_path.resolve()} {status.st_size} {status.st_mtime_ns}"

    def labels(self) -> np.ndarray:
        """Identity and action of each sequence: [N, 2] int64."""
        with readable(self.labels_path), np.load(self.labels_path, allow_pickle=False) as archive:
            if "arr_0" not in archive:
                raise Unreadable("there is no arr_0 in it")
            labels = archive["arr_0"]
            if labels.ndim != 2 or labels.shape[1] != 2 or not np.issubdtype(labels.dtype, np.integer):
                raise Unreadable(f"arr_0 is {labels.dtype} {list(labels.shape)}, not whole numbers [sequences, 2]")
            if not len(labels) or labels.min() < 0 or labels[:, 1].max() >= len(ACTIONS):
                raise Unreadable(f"identities must not be negative and actions must be 0 to {len(ACTIONS) - 1}")
        return labels.astype(np.int64)

    def count(self) -> int:
        """Number of sequences, from a header."""
        with readable(self.frames_path), zipfile.ZipFile(self.frames_path) as archive:
            shape = _header(archive, "lengths" if _ours(archive) else "arr_0")[0]
            if len(shape) != 1 or not shape[0]:
                raise Unreadable(f"it lists sequences as {list(shape)}, not [N]")
        return shape[0]

    def lengths(self) -> np.ndarray:
        """Frames of each sequence: [N] int64. The authors' edition is read to its end for that, our own is not."""
        with readable(self.frames_path), zipfile.ZipFile(self.frames_path) as archive:
            if _ours(archive):
                return _lengths(archive)
            return np.array(_kept(archive, len), dtype=np.int64)

    def each_block(self, take: Callable[[np.ndarray], None]) -> None:
        """Hands all frames to `take`, in order, in blocks [some frames, 112, 112, 3] uint8."""
        with readable(self.frames_path), zipfile.ZipFile(self.frames_path) as archive:
            if not _ours(archive):
                _kept(archive, take)
                return
            frames = NpzRows(archive, "frames")
            frames.require((int(_lengths(archive).sum()), *FACE_SHAPE), np.uint8)
            for _, block in frames.chunks(_READ_FRAMES):
                take(block)


def _ours(archive: zipfile.ZipFile) -> bool:
    names = set(archive.namelist())
    if not ({"frames.npy", "lengths.npy"} <= names or "arr_0.npy" in names):
        raise Unreadable(f"it holds {', '.join(sorted(names)) or 'nothing'}, neither arr_0 nor frames and lengths")
    return "arr_0.npy" not in names


def _header(archive: zipfile.ZipFile, array: str) -> tuple[tuple[int, ...], np.dtype]:
    with archive.open(f"{array}.npy") as file:
        return _skip_header(file)


def _skip_header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of the array whose content follows."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(file)
    return shape, kind


def _lengths(archive: zipfile.ZipFile) -> np.ndarray:
    with archive.open("lengths.npy") as file:
        lengths = np.lib.format.read_array(file, allow_pickle=False)
    if lengths.ndim != 1 or not np.issubdtype(lengths.dtype, np.integer) or not len(lengths) or lengths.min() < 1:
        raise Unreadable("lengths are no list of positive whole numbers")
    return lengths.astype(np.int64)


def _kept(archive: zipfile.ZipFile, keep: Callable[[np.ndarray], object]) -> list[object]:
    """What `keep` returned for each sequence of the authors' edition."""
    met = 0

    def checked(frames: np.ndarray) -> object:
        nonlocal met
        met += 1
        if frames.shape[1:] != FACE_SHAPE or not len(frames):
            raise Unreadable(f"sequence {met} is {list(frames.shape)}, not [frames, {', '.join(map(str, FACE_SHAPE))}]")
        return keep(frames)

    with archive.open("arr_0.npy") as file:
        shape, kind = _skip_header(file)
        if kind != np.dtype(object):
            raise Unreadable(f"arr_0 is {kind} {list(shape)}, not one array per sequence")
        kept = kept_arrays(file, checked)
    if shape != (len(kept),) or met != len(kept):
        raise Unreadable(f"arr_0 announces {list(shape)} sequences and holds {len(kept)}, {met} of them different")
    return kept


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """What a damaged or foreign file raises becomes one line for the user."""
    try:
        yield
    except DAMAGE as error:
        known = isinstance(error, (Unreadable, Refused))
        reason = str(error) if known else f"it is cut, damaged, or no npz at all ({error})"
        raise UserError(
            f"{NAME}: {path} is not as the authors of VDSM or `prepare_datasets.py pack {NAME} FOLDER` wrote it: {reason}; "
            "copy it again, or pack the frames anew"
        ) from error

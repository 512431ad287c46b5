"""The published file of Shapes3D, 3dshapes.h5: read image by image, or copied once into one flat array.

Source: https://github.com/google-deepmind/3d-shapes. The file is opened on the first read, anew in every process: a handle does
not survive a fork.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from datasets.data_folder import found, published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from foundation.errors import UserError

FILE_NAME = "3dshapes.h5"
PLACES = ("3dshapes/" + FILE_NAME, "shapes3d/" + FILE_NAME, FILE_NAME)
SPACE = FactorSpace(
    names=("floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation"),
    sizes=(10, 10, 10, 8, 4, 15),
    kinds=("circular", "circular", "circular", "ordinal", "categorical", "ordinal"),
)
IMAGE_SHAPE = (64, 64, 3)
"""Height, width, channels, as stored."""
COPIED_ROWS = 2000
_DAMAGE = (OSError, ValueError, KeyError, RuntimeError)
DEAR_CHUNK = 64
"""Chunks that spread over more images than this make single images too dear to read (a batch would unpack gigabytes)."""


def rows() -> int:
    """Number of published images."""
    return math.prod(SPACE.sizes)


def find(root: str | None) -> Path | None:
    """The published file under the data folder `root`, None where it is not there, or where there is no such folder."""
    return found(PLACES, root)


class PublishedImages:
    """The images of the file at `path`, by index. Nothing is opened before the first read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: h5py.File | None = None
        self._process = -1

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "_file": None, "_process": -1}

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        """Images [B, 3, 64, 64] uint8 of the rows [B], in any order, also repeated."""
        # HDF5 reads increasing rows only.
        wanted, place = np.unique(indices, return_inverse=True)
        with _readable(self.path):
            images = self._images()[wanted] if len(wanted) else np.empty((0, *IMAGE_SHAPE), np.uint8)
        return np.ascontiguousarray(images.transpose(0, 3, 1, 2)[place])

    def dear(self) -> bool:
        """Whether the layout of the file makes reading single images very slow."""
        with _readable(self.path):
            chunks = self._images().chunks
        return chunks is not None and chunks[0] > DEAR_CHUNK

    def identity(self) -> str:
        """What tells this file from another: its size, its time, and where it is."""
        status = self.path.stat()
        return f"{self.path.resolve()} {status.st_size} {status.st_mtime_ns}"

    def copy(self, target: np.ndarray) -> None:
        """Fills `target` [N, 3, 64, 64] uint8 with all images."""
        with _readable(self.path):
            images = self._images()
            # Whole chunks at a time: each is unpacked once.
            step = max(images.chunks[0], COPIED_ROWS // images.chunks[0] * images.chunks[0]) if images.chunks else COPIED_ROWS
            for start in range(0, len(images), step):
                target[start : start + step] = images[start : start + step].transpose(0, 3, 1, 2)

    def _images(self) -> h5py.Dataset:
        if self._file is None or self._process != os.getpid():
            file = h5py.File(self.path, "r")
            _check(file)
            self._file, self._process = file, os.getpid()
        return self._file["images"]


class _Unexpected(ValueError):
    """The file can be read but holds something else."""


def check(root: str | None) -> list[str]:
    """What is different from the published file, one line each. Reads the labels and a few images, some seconds.

    Raises UserError where there is no file.
    """
    path = published_path("3dshapes", PLACES, root)
    try:
        with h5py.File(path, "r") as file:
            return [f"{path}: {line}" for line in _differences(file) or _flat_images(file)]
    except _DAMAGE as error:
        return [f"{path} is cut, damaged, or no HDF5 file ({error})"]


def _check(file: h5py.File) -> None:
    """Raises _Unexpected unless the file holds the published arrays, its labels in the order of a grid."""
    if differences := _differences(file):
        raise _Unexpected(differences[0])


def _differences(file: h5py.File) -> list[str]:
    """What is not as published: arrays, shapes, types, the order of labels."""
    lines = []
    for name, shape in (("images", (rows(), *IMAGE_SHAPE)), ("labels", (rows(), len(SPACE)))):
        if name not in file or not isinstance(file[name], h5py.Dataset):
            lines.append(f"there is no {name} in it")
        elif file[name].shape != shape:
            lines.append(f"{name} is {list(file[name].shape)}, not {list(shape)}")
        elif name == "images" and file[name].dtype != np.uint8:
            lines.append(f"images are {file[name].dtype}, not uint8")
        elif name == "labels":
            ranks = [np.unique(column, return_inverse=True)[1] for column in np.asarray(file[name]).T]
            if not np.array_equal(np.stack(ranks, axis=1), GridTable(SPACE)[np.arange(rows())]):
                lines.append("labels are not in the published order")
    return lines


def _flat_images(file: h5py.File) -> list[str]:
    """Images of one value among the first, the middle and the last: a file that was never filled looks like that."""
    return [f"image {row} is of one value" for row in (0, rows() // 2, rows() - 1) if np.ptp(file["images"][row]) == 0]


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What a damaged file raises becomes one line for the user."""
    try:
        yield
    except _DAMAGE as error:
        reason = str(error) if isinstance(error, _Unexpected) else f"it is cut, damaged, or no HDF5 file ({error})"
        raise UserError(
            f"3dshapes: {path} is not the published file: {reason}; expected are images [{rows()}, 64, 64, 3] uint8 and labels "
            f"[{rows()}, {len(SPACE)}] (md5 099a2078d58cec4daad0702c55d06868); fetch {FILE_NAME} from "
            "storage.googleapis.com/3d-shapes again, or move the file away to use the renderer"
        ) from error

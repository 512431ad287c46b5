"""The published file of dSprites, read without unpickling and without holding its 3 GB of pixels at once.

Source: https://github.com/google-deepmind/dsprites-dataset, dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz. Its images are
bytes of 0 and 1, its metadata a Python 2 pickle; the sizes that this holds are known, and it is left alone.
"""

from __future__ import annotations

import contextlib
import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from datasets.data_folder import found, published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.images.dsprites_renderer import SIZE
from foundation.damaged_npz import DAMAGE
from foundation.errors import UserError

FILE_NAME = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
FRAME_SPACE = FactorSpace(
    names=("color", "shape", "scale", "orientation", "posX", "posY"),
    sizes=(1, 3, 6, 40, 32, 32),
    kinds=("categorical", "categorical", "ordinal", "circular", "ordinal", "ordinal"),
)
"""Factors of the published frames, in their order. Orientations 0 and 39 are the same angle: their frames are equal."""

CHUNK_ROWS = 4096
PLACES = ("dsprites/" + FILE_NAME, FILE_NAME)
_MEMBERS = ("imgs.npy", "latents_classes.npy")


def rows() -> int:
    """Number of published frames."""
    return math.prod(FRAME_SPACE.sizes)


def find(root: str | None) -> Path | None:
    """The published file under the data folder `root`, None where it is not there, or where there is no such folder."""
    return found(PLACES, root)


def identity(path: Path) -> str:
    """What the file holds, from the checksums in its directory: it may move without being read again."""
    with _opened(path) as archive:
        members = [archive.getinfo(name) for name in _MEMBERS]
        return "; ".join(f"{member.filename} {member.file_size} {member.CRC:08x}" for member in members)


def read(path: Path, frames: np.ndarray) -> None:
    """Fills `frames` [N, 512] uint8 with the packed images. Raises UserError for anything but the published contents."""
    with _opened(path) as archive:
        _check_classes(archive)
        for start, images in _images(archive):
            frames[start : start + len(images)] = np.packbits(images.reshape(len(images), -1), axis=1)


def check(root: str | None) -> list[str]:
    """What is different from the published file, one line each. Reads all of it, some seconds. Raises UserError where there is none."""
    path = published_path("dsprites", PLACES, root)
    try:
        with zipfile.ZipFile(path) as archive:
            missing = set(_MEMBERS) - set(archive.namelist())
            looks = {"latents_classes.npy": _check_classes, "imgs.npy": _check_images}
            found_ = [f"there is no {name} in {path}" for name in sorted(missing)]
            return found_ + [line for name, look in looks.items() if name not in missing for line in _difference(look, archive, path)]
    except DAMAGE as error:
        return [f"{path} is cut, damaged, or no npz at all ({error})"]


def _difference(look: Callable[[zipfile.ZipFile], None], archive: zipfile.ZipFile, path: Path) -> list[str]:
    try:
        look(archive)
    except _Unexpected as unexpected:
        return [f"{path}: {unexpected}"]
    return []


def _check_classes(archive: zipfile.ZipFile) -> None:
    table = GridTable(FRAME_SPACE)
    for start, classes in _chunks(archive, "latents_classes.npy", (rows(), len(FRAME_SPACE)), np.dtype(np.int64)):
        if not np.array_equal(classes, table[np.arange(start, start + len(classes))]):
            raise _Unexpected(f"latents_classes from row {start} on are not in the published order")


def _check_images(archive: zipfile.ZipFile) -> None:
    for _ in _images(archive):
        pass


def _images(archive: zipfile.ZipFile) -> Iterator[tuple[int, np.ndarray]]:
    """(first row, images) of all images, which hold 0 and 1 only."""
    for start, images in _chunks(archive, "imgs.npy", (rows(), SIZE, SIZE), np.dtype(np.uint8)):
        if images.max() > 1:
            raise _Unexpected(f"imgs hold the value {images.max()}, not only 0 and 1")
        yield start, images


class _Unexpected(ValueError):
    """The archive can be read but holds something else."""


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever it raises becomes one line for the user."""
    try:
        with zipfile.ZipFile(path) as archive:
            missing = set(_MEMBERS) - set(archive.namelist())
            if missing:
                raise _Unexpected(f"there is no {', '.join(sorted(missing))} in it")
            yield archive
    except DAMAGE as error:
        reason = str(error) if isinstance(error, _Unexpected) else f"it is cut, damaged, or no npz at all ({error})"
        raise UserError(
            f"dsprites: {path} is not the published file: {reason}; expected are imgs [{rows()}, {SIZE}, {SIZE}] and "
            f"latents_classes [{rows()}, {len(FRAME_SPACE)}]; fetch {FILE_NAME} from "
            "github.com/google-deepmind/dsprites-dataset again, or move the file away to use the renderer"
        ) from error


def _chunks(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], dtype: np.dtype) -> Iterator[tuple[int, np.ndarray]]:
    """(first row, rows) of a stored array, in order, after its header was checked."""
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        stored_shape, fortran_order, stored_dtype = header(file)
        if (stored_shape, fortran_order, stored_dtype) != (shape, False, dtype):
            raise _Unexpected(f"{name} is {stored_dtype} {list(stored_shape)}, not {dtype} {list(shape)}")
        row_bytes = math.prod(shape[1:]) * dtype.itemsize
        for start in range(0, shape[0], CHUNK_ROWS):
            wanted = min(CHUNK_ROWS, shape[0] - start)
            content = file.read(wanted * row_bytes)
            if len(content) != wanted * row_bytes:
                raise _Unexpected(f"{name} ends after {start + len(content) // row_bytes} of {shape[0]} rows")
            yield start, np.frombuffer(content, dtype).reshape(wanted, *shape[1:])
        file.read(1)  # the end of the member is where zipfile compares the checksum

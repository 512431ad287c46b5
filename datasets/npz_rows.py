"""Arrays of an npz read row by row, in order: a file of many gigabytes is never held at once, and nothing is unpickled."""

from __future__ import annotations

import contextlib
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from foundation.damaged_npz import DAMAGE


class Unreadable(ValueError):
    """The file is no npz, is cut or damaged, or holds something else; the message says which."""


class NpzRows:
    """The array `key` of an opened npz: `shape`, `dtype`, `identity` (checksum and size), and its rows."""

    def __init__(self, archive: zipfile.ZipFile, key: str) -> None:
        name = f"{key}.npy"
        if name not in archive.namelist():
            raise Unreadable(f"there is no {key} in it")
        self.key = key
        self._archive, self._member = archive, archive.getinfo(name)
        self.identity = f"{name} {self._member.file_size} {self._member.CRC:08x}"
        with archive.open(self._member) as file:
            self.shape, self.dtype = _header(file, key)

    def require(self, shape: tuple[int, ...], dtype: type) -> None:
        """Raises Unreadable for an array of another shape or type."""
        if self.shape != shape or self.dtype != np.dtype(dtype):
            raise Unreadable(f"{self.key} is {self.dtype} {list(self.shape)}, not {np.dtype(dtype)} {list(shape)}")

    def chunks(self, rows: int) -> Iterator[tuple[int, np.ndarray]]:
        """(first row, at most `rows` rows) in order. Raises Unreadable where the array ends early or its checksum differs."""
        row_bytes = math.prod(self.shape[1:]) * self.dtype.itemsize
        with self._archive.open(self._member) as file:
            _header(file, self.key)
            for start in range(0, self.shape[0], rows):
                wanted = min(rows, self.shape[0] - start)
                content = file.read(wanted * row_bytes)
                if len(content) != wanted * row_bytes:
                    raise Unreadable(f"{self.key} ends after {start + len(content) // row_bytes:,} of {self.shape[0]:,} rows")
                yield start, np.frombuffer(content, self.dtype).reshape(wanted, *self.shape[1:])
            file.read(1)  # the end of the member is where zipfile compares the checksum


@contextlib.contextmanager
def npz_rows(path: Path, key: str) -> Iterator[NpzRows]:
    """The array `key` of the file. Whatever reading it raises in the block comes out as Unreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield NpzRows(archive, key)
    except Unreadable:
        raise
    except DAMAGE as error:
        raise Unreadable(f"it is cut, damaged, or no npz at all ({error})") from error


def _header(file: IO[bytes], key: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array of plain numbers in C order; the file stands at its first row afterwards."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = read(file)
    if fortran_order or dtype.hasobject or not shape:
        raise Unreadable(f"{key} is no array of plain numbers in rows")
    return shape, dtype

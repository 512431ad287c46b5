"""The binary files of smallNORB, named .mat but not MATLAB's, plain or under gzip.

Layout (https://cs.nyu.edu/~ylclab/data/norb-v1.0-small): a magic number that says the type, the number of axes, at least three
lengths, all 4 bytes; then the numbers, little-endian, last axis fastest.
"""

from __future__ import annotations

import contextlib
import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

import numpy as np
from PIL import Image

from foundation.errors import UserError

Part = Literal["dat", "cat", "info"]
PARTS: tuple[Part, ...] = ("dat", "cat", "info")
BYTES, INTEGERS = 0x1E3D4C55, 0x1E3D4C54
CAMERAS, SIDE = 2, 96
CHUNK_ROWS = 500
MOST_ROWS = 10**6
_KINDS = {BYTES: "bytes", INTEGERS: "int32", 0x1E3D4C56: "int16", 0x1E3D4C51: "float32", 0x1E3D4C53: "float64"}


def read_numbers(path: Path, columns: int) -> np.ndarray:
    """The int32 of a `cat` (1 column) or `info` file (4 columns): [N, columns] int64."""
    with _opened(path) as file:
        lengths = _lengths(file, INTEGERS, 1 if columns == 1 else 2)
        if lengths[1:] not in ((), (columns,)) or not 0 < lengths[0] <= MOST_ROWS:
            raise _Unexpected(f"it is {list(lengths)}, not [N, {columns}]")
        numbers = np.frombuffer(_read(file, 4 * lengths[0] * columns), "<i4").reshape(-1, columns).astype(np.int64)
        _require_end(file)
        return numbers


def first_camera(path: Path, rows: int, size: int) -> Iterator[tuple[int, np.ndarray]]:
    """(first row, pictures [B, size, size] uint8) of the first camera in a `dat` file of `rows` pairs, Lanczos-filtered."""
    with _opened(path) as file:
        _require_pairs(file, rows)
        for start in range(0, rows, CHUNK_ROWS):
            pairs = _pairs(file, min(CHUNK_ROWS, rows - start))
            pictures = [Image.fromarray(picture).resize((size, size), Image.Resampling.LANCZOS) for picture in pairs[:, 0]]
            yield start, np.stack([np.asarray(picture) for picture in pictures])
        _require_end(file)


def differences(path: Path, rows: int) -> list[str]:
    """What is wrong with a `dat` file of `rows` pairs: its header, its length, the range of its first pictures."""
    try:
        with _opened(path) as file:
            _require_pairs(file, rows)
            first = _pairs(file, min(CHUNK_ROWS, rows))
            length = file.tell() + (rows - len(first)) * CAMERAS * SIDE**2
        held = _unpacked_length(path)
    except UserError as error:
        return [str(error)]
    found = [] if held == length else [f"{path} holds {held:,} bytes, not {length:,}: it is cut or longer"]
    if first.max() < 128:
        found.append(f"{path}: its first pictures are no brighter than {first.max()} of 255")
    return found


class _Unexpected(ValueError):
    """The file can be read but holds something else."""


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, unpacked; whatever reading it raises becomes one line for the user."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb") as file:
            yield file  # type: ignore[misc]  # a GzipFile reads like a file
    except (OSError, ValueError, EOFError, struct.error, zlib.error) as error:
        reason = str(error) if isinstance(error, _Unexpected) else f"it is cut, damaged, or not of this format ({error})"
        raise UserError(
            f"smallnorb: {path} is not the published file: {reason}; `python prepare_datasets.py fetch smallnorb` brings it"
        ) from error


def _lengths(file: IO[bytes], magic: int, axes: int) -> tuple[int, ...]:
    held, held_axes = struct.unpack("<II", _read(file, 8))
    if held != magic:
        raise _Unexpected(f"it begins with {held:#010x}, which means {_KINDS.get(held, 'nothing')}, not {magic:#010x} ({_KINDS[magic]})")
    if held_axes != axes:
        raise _Unexpected(f"it has {held_axes} axes, not {axes}")
    return struct.unpack(f"<{max(3, axes)}I", _read(file, 4 * max(3, axes)))[:axes]


def _require_pairs(file: IO[bytes], rows: int) -> None:
    lengths = _lengths(file, BYTES, 4)
    if lengths != (rows, CAMERAS, SIDE, SIDE):
        raise _Unexpected(f"it is {list(lengths)}, not {[rows, CAMERAS, SIDE, SIDE]}")


def _pairs(file: IO[bytes], rows: int) -> np.ndarray:
    return np.frombuffer(_read(file, rows * CAMERAS * SIDE**2), np.uint8).reshape(rows, CAMERAS, SIDE, SIDE)


def _read(file: IO[bytes], length: int) -> bytes:
    content = file.read(length)
    if len(content) != length:
        raise _Unexpected("it ends early")
    return content


def _require_end(file: IO[bytes]) -> None:
    """Also where gzip compares its checksum."""
    if file.read(1):
        raise _Unexpected("it goes on after its last number")


def _unpacked_length(path: Path) -> int:
    """Bytes of the file, unpacked; gzip notes them in its last four."""
    if path.suffix != ".gz":
        return path.stat().st_size
    with open(path, "rb") as file:
        file.seek(-4, 2)
        return int(struct.unpack("<I", file.read(4))[0])

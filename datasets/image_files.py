"""Pictures that lie in files of their own, decoded once into a packed store.

    def decode(path):
        return pixels(read_picture(path, "coil100").resize((64, 64), Resampling.BILINEAR))

    store = packed_pictures("coil100", folder, files, (3, 64, 64), "resized to 64, bilinear", decode)

A set brings the names of its files in the order of its table and a function from a path to the pixels of one row; threads call
that function (Pillow decodes and resizes outside of Python's lock), and batches then are one gather.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.packed_images import large_store
from foundation.errors import UserError
from foundation.progress import progress
from foundation.threads import allotted_threads

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
MOST_PIXELS = 2**26
"""Pictures of more are refused before they are decoded: a small file can unpack to any size."""

DAMAGED = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, AssertionError, ArithmeticError, struct.error, zlib.error)
"""What Pillow raises at files that are cut, damaged or something else."""

_ROWS_PER_TASK = 64
_FILES_COMPARED = 2000


def read_picture(path: Path, name: str, mode: str | None = "RGB") -> Image.Image:
    """The decoded picture of a file, in `mode` of Pillow (`RGB`, `L`), or, with None, in its own (16-bit depth is `I;16`).

    `name` is the data set, for the message. Raises UserError for a file that is absent, cut, damaged, no picture, or too large.
    """
    try:
        with Image.open(path, formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise UserError(f"{name}: {path} has {width}x{height} pixels, which is no picture of this set; fetch it again")
            picture.load()
            return picture.copy() if mode is None else picture.convert(mode)
    except FileNotFoundError as error:
        raise UserError(f"{name}: there is no {path}; fetch or unpack the set again") from error
    except (*DAMAGED, Image.DecompressionBombError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{name}: {path} is cut, damaged, or no picture ({reason}); fetch or unpack it again") from error


def pixels(picture: Image.Image) -> np.ndarray:
    """The bytes of a picture, channels first: [C, H, W] uint8."""
    array = np.asarray(picture, dtype=np.uint8)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


def packed_pictures(
    name: str, folder: Path, files: Sequence[str], shape: tuple[int, int, int], preprocessing: str, decode: Callable[[Path], np.ndarray]
) -> np.ndarray:
    """The store [N, *shape] uint8 (memory-mapped) of `decode(folder / file)`, [*shape] uint8, for the N `files`, in their order.

    `preprocessing` says in words all that `decode` does to a picture: the store is built again when it, the names of the files,
    or the files themselves change. Of more than 2,000 files that many are compared by size and time, and the folder by its time.
    Raises UserError for a file that is absent or that `read_picture` refuses; no half-filled store stays behind.
    """

    def fill(target: np.ndarray) -> None:
        _require_all(name, folder, files)
        decode_pictures(name, folder, files, decode, target)

    return large_store(name, f"{preprocessing}; {_identity(folder, files)}", (len(files), *shape), fill)


def decode_pictures(name: str, folder: Path, files: Sequence[str], decode: Callable[[Path], np.ndarray], target: np.ndarray) -> None:
    """Fills `target` [N, C, H, W] uint8 in threads. Raises the first UserError that a picture meets."""
    with (
        progress(f"{name} is unpacked once", len(files), "picture") as advance,
        ThreadPoolExecutor(allotted_threads(), thread_name_prefix="decode") as threads,
    ):

        def decode_rows(start: int) -> None:
            rows = range(start, min(start + _ROWS_PER_TASK, len(files)))
            for row in rows:
                target[row] = decode(folder / files[row])
            advance(len(rows))

        tasks = [threads.submit(decode_rows, start) for start in range(0, len(files), _ROWS_PER_TASK)]
        try:
            for task in tasks:
                task.result()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _require_all(name: str, folder: Path, files: Sequence[str]) -> None:
    """Raises UserError for files that are not there, before an hour goes into decoding the others."""
    absent = [file for file in files if not os.path.exists(f"{folder}/{file}")]
    if absent:
        raise UserError(f"{name}: {len(absent):,} of {len(files):,} pictures are not in {folder}, {absent[0]} first; unpack the set again")


def _identity(folder: Path, files: Sequence[str]) -> str:
    """What tells these files from others: their names, and the sizes and times of some, spread evenly over all."""
    names = hashlib.sha256("\n".join(files).encode()).hexdigest()
    compared = [folder / file for file in files[:: -(-len(files) // _FILES_COMPARED)]]
    states = [(path.stat().st_size, path.stat().st_mtime_ns) if path.exists() else None for path in compared]
    if len(compared) < len(files):
        states.append((0, folder.stat().st_mtime_ns))
    return f"{folder.resolve()} {len(files)} {names} {hashlib.sha256(repr(states).encode()).hexdigest()}"

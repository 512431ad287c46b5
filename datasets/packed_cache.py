"""Arrays that are built once, kept in a file, and memory-mapped read-only by every later process.

The folder is $FOVEA_CACHE, else $XDG_CACHE_HOME/fovea, else ~/.cache/fovea. A file is named for its array and for a hash of
what the array was made from, so that other constants or another source file mean another file. It appears under its name only
when complete. Processes that want the same array at the same time wait for the one that builds it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from foundation.atomic_files import atomic_path

try:
    import fcntl
except ImportError:  # Windows: two builders do the same work twice, and the later one wins
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

LAYOUT_VERSION = 1
_CANNOT_RESERVE = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""What file systems say that know no reservation of space."""

_in_memory: dict[tuple[str, str, tuple[int, ...]], np.ndarray] = {}
"""Arrays that found no place on the disk, so that the data sets of a process share them all the same."""


class CacheUnwritable(Exception):
    """The cache folder cannot hold the array; the message says why."""


def cache_folder() -> Path:
    """Where packed arrays are kept."""
    if os.environ.get("FOVEA_CACHE"):
        return Path(os.environ["FOVEA_CACHE"])
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "fovea"
    return Path.home() / ".cache" / "fovea"


def packed_array(
    name: str, made_from: str, shape: tuple[int, ...], fill: Callable[[np.ndarray], None], dtype: type = np.uint8
) -> np.ndarray:
    """The array [*shape] that `fill` writes into the empty one it is given: mapped from its file, or built now.

    `made_from` describes all that the contents depend on. Where the folder cannot be written the array is built in memory,
    and a line in the log says so.
    """
    try:
        return stored_array(name, made_from, shape, fill, dtype)
    except CacheUnwritable as reason:
        key = (name, made_from, shape)
        if key not in _in_memory:
            megabytes = math.prod(shape) * np.dtype(dtype).itemsize // 10**6
            logger.warning("%s; %s (%d MB) is kept in memory, set FOVEA_CACHE to share it", reason, name, megabytes)
            array: np.ndarray = np.empty(shape, dtype)
            fill(array)
            array.flags.writeable = False
            _in_memory[key] = array
        return _in_memory[key]


def stored_array(
    name: str, made_from: str, shape: tuple[int, ...], fill: Callable[[np.ndarray], None], dtype: type = np.uint8
) -> np.ndarray:
    """As `packed_array`, but raises CacheUnwritable where the folder cannot hold the array."""
    identity = hashlib.sha256(repr((LAYOUT_VERSION, made_from, shape, np.dtype(dtype).str)).encode()).hexdigest()[:16]
    path = cache_folder() / f"{name}-{identity}.npy"
    array = _mapped(path, shape, dtype)
    if array is not None:
        return array
    with _builder_lock(path):
        array = _mapped(path, shape, dtype)  # another process may have built it meanwhile
        if array is None:
            with atomic_path(path) as temporary:
                target = _reserved(temporary, shape, dtype)
                fill(target)
                target.flush()
            array = _mapped(path, shape, dtype)
    if array is None:
        raise CacheUnwritable(f"{path} cannot be read back")
    return array


def _mapped(path: Path, shape: tuple[int, ...], dtype: type) -> np.ndarray | None:
    """The array of a complete file, None where there is none or where it was cut or overwritten."""
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        complete = mapped.shape == shape and mapped.dtype == dtype and path.stat().st_size == mapped.offset + mapped.nbytes
    except (OSError, ValueError, EOFError):
        return None
    return mapped.view(np.ndarray) if complete else None


def _reserved(path: Path, shape: tuple[int, ...], dtype: type) -> np.memmap:
    """An empty array file whose space on the disk is set aside: a full disk is an error here, a bus error later."""
    try:
        target = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        if hasattr(os, "posix_fallocate"):
            with open(path, "rb+") as file:
                os.posix_fallocate(file.fileno(), 0, target.offset + target.nbytes)
    except OSError as error:
        if error.errno in _CANNOT_RESERVE:
            return target
        raise CacheUnwritable(f"{path.parent} cannot hold {path.name}: {error.strerror or error}") from error
    return target


@contextlib.contextmanager
def _builder_lock(path: Path) -> Iterator[None]:
    """One builder at a time; what a killed one left behind is removed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path.with_suffix(".lock"), "wb")  # noqa: SIM115 - closed by the block below
    except OSError as error:
        raise CacheUnwritable(f"{path.parent} cannot be written: {error.strerror or error}") from error
    with lock:
        if not os.access(path.parent, os.W_OK):  # the lock is there from better times
            raise CacheUnwritable(f"{path.parent} cannot be written")
        locked = False
        if fcntl is not None:
            with contextlib.suppress(OSError):  # file systems without locks: both build, the later rename wins
                fcntl.flock(lock, fcntl.LOCK_EX)
                locked = True
        if locked:
            for leftover in path.parent.glob(f".{path.name}.*"):
                leftover.unlink(missing_ok=True)
        yield

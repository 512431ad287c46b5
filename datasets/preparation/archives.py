"""Archives unpacked with mistrust: nothing is written outside the folder, no links, no devices, no more bytes than were promised.

Links are refused outright, also those that stay inside: no published set has any, and the filters of the standard library have been led
astray by chains of them (CVE-2025-4517).
"""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from datasets.preparation.hashes import PIECE
from datasets.preparation.megabytes import megabytes, size
from foundation.atomic_files import disk_errors
from foundation.errors import UserError

MOST_MEMBERS = 5_000_000
_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)


class BadArchive(UserError):
    """An archive that is damaged, suspicious, or another one than it should be."""


class _Refused(Exception):
    """The archive holds what it must not."""


def unpack(archive: Path, inside: str, folder: Path, most_bytes: int) -> None:
    """Writes what lies under `inside` in the archive (zip or tar, "" for all) into `folder`, which must not exist.

    Raises BadArchive for anything suspicious or damaged, UserError for a full disk; what was written by then is the caller's to remove.
    """
    prefix = PurePosixPath(inside).parts
    room, members = most_bytes, 0
    with disk_errors(folder):
        folder.mkdir(parents=True)
    with megabytes(f"unpacking {archive.name}", most_bytes) as advance:
        try:
            for name, source in _members(archive):
                members += 1
                if members > MOST_MEMBERS:
                    raise _Refused(f"more than {MOST_MEMBERS:,} files")
                parts = _safe(name)
                if source is None or parts[: len(prefix)] != prefix or len(parts) == len(prefix):
                    continue
                with source:
                    written = _copy(source, folder.joinpath(*parts[len(prefix) :]), room, most_bytes, name)
                room -= written
                advance(written)
        except _Refused as reason:
            raise BadArchive(f"{archive} is refused: {reason}; nothing was unpacked, fetch it again from its publisher") from reason
        except _DAMAGE as error:
            raise BadArchive(f"{archive} is cut or damaged ({error}); nothing was unpacked, fetch it again") from error
    if room == most_bytes:
        raise BadArchive(f"{archive} has nothing under {inside or 'its top'}; it is another archive than the published one")


def gunzip(archive: Path, target: Path, most_bytes: int) -> None:
    """Writes the one file under gzip to `target`. Raises UserError as `unpack` does."""
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with gzip.open(archive) as source:
            _copy(source, target, most_bytes, most_bytes, archive.name)  # type: ignore[arg-type]
    except _Refused as reason:
        raise BadArchive(f"{archive} is refused: {reason}; nothing was unpacked, fetch it again from its publisher") from reason
    except (*_DAMAGE, OSError) as error:
        raise BadArchive(f"{archive} is cut or damaged ({error}); nothing was unpacked, fetch it again") from error


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    """(name, opened file) of every member in order, None for folders. Raises _Refused for links and devices."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for entry in file.infolist():
                if stat.S_ISLNK(entry.external_attr >> 16):
                    raise _Refused(f"{entry.filename!r} is a link")
                # The raw name: zipfile replaces what it finds suspicious, and so hides it.
                yield entry.orig_filename, None if entry.is_dir() else file.open(entry)
        return
    with open(archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r|*") as tar:
        for member in tar:
            if not (member.isreg() or member.isdir()):
                raise _Refused(f"{member.name!r} is a link or a device")
            yield member.name, tar.extractfile(member) if member.isreg() else None


def _safe(name: str) -> tuple[str, ...]:
    """Parts of a member's path. Raises _Refused where it leads out of the folder, on any system."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise _Refused(f"{name!r} leads out of the folder")
    return path.parts


def _copy(source: IO[bytes], target: Path, room: int, most_bytes: int, name: str) -> int:
    """Bytes written to `target`, which must not exist. They are counted as they come: headers may lie."""
    written = 0
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise _Refused(f"{name!r} is in it twice")
    with _created(target) as file:
        while piece := source.read(PIECE):
            written += len(piece)
            if written > room:
                raise _Refused(f"it unpacks to more than {size(most_bytes)}")
            with disk_errors(target):
                file.write(piece)
                file.flush()
    return written


def _created(target: Path) -> IO[bytes]:
    with disk_errors(target):
        return open(target, "xb")

"""One transfer of one file from one address, gone on with where it was cut (HTTP Range, RFC 9110, section 14).

A file grows as NAME.part beside its place, with a note of the address and of the server's version of it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from datasets.preparation.hashes import PIECE
from datasets.preparation.megabytes import megabytes, size
from foundation.atomic_files import disk_errors
from foundation.errors import UserError

ATTEMPTS = 5
"""Transfers from one mirror, the resumed ones included, before it is given up."""
PAUSE = 2.0
TIMEOUT = 60.0
AGENT = "fovea-datasets/0.1 (research; urllib)"
_PAGE = (b"<!doctype html", b"<html", b"<?xml", b"<head")


class Unavailable(Exception):
    """A mirror does not have the file; the message says what it has."""


class Cut(Exception):
    """A transfer ended early; it can be resumed."""


def whole_part(mirror: str, target: Path, known: bool, say: Callable[[str], None]) -> None:
    """Transfers, and resumes what is cut, until NAME.part is whole.

    `known` says that a hash will tell whether it is right. Raises Unavailable, Cut, and UserError for a full disk.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _transfer(mirror, target, known)
        except Cut as cut:
            if attempt == ATTEMPTS - 1:
                raise
            say(f"{urlsplit(mirror).netloc}: {cut}; going on")
            time.sleep(PAUSE * attempt)


def _transfer(mirror: str, target: Path, known: bool) -> None:
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    start = _resumable(mirror, target, known, headers)
    response = _answer(mirror, target, headers, start)
    if response is None:
        return  # whole already: it was stopped before its hash was taken
    with response:
        resumed = response.status == http.client.PARTIAL_CONTENT
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            forget(target)
            raise Cut("the server sent another range than was asked for")
        start = start if resumed else 0
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
        first = _read(response)
        if not resumed and (response.headers.get_content_type() == "text/html" or first.lstrip()[:20].lower().startswith(_PAGE)):
            raise Unavailable("it answers with a web page, not with the file")
        if total and shutil.disk_usage(target.parent).free < total - start:
            raise UserError(f"{target.parent} has no room for {target.name}: it needs {size(total - start)}; free some space")
        with disk_errors(target):
            note_of(target).write_text(json.dumps({"address": mirror, "validator": _validator(response)}), encoding="utf-8")
        with megabytes(target.name, (total or start) - start) as advance, _opened(part_of(target), resumed) as file:
            piece = first
            while piece:
                _write(file, piece, target)
                advance(len(piece))
                piece = _read(response)
    if total and (got := part_of(target).stat().st_size) != total:
        raise Cut(f"the transfer was cut after {size(got)} of {size(total)}")


def _answer(mirror: str, target: Path, headers: dict[str, str], start: int) -> http.client.HTTPResponse | None:
    """What the server answers; None where it says that the `start` bytes that are there are all."""
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(urllib.request.Request(mirror, headers=headers), timeout=TIMEOUT)
        return answer
    except urllib.error.HTTPError as error:
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            if error.headers.get("Content-Range", "").endswith(f"*/{start}"):
                return None
            forget(target)
            raise Cut("what was there of it does not fit the server's file") from error
        raise Unavailable(f"{error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise Unavailable(f"no connection ({error.reason})") from error
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"no connection ({error or type(error).__name__})") from error


def _resumable(mirror: str, target: Path, known: bool, headers: dict[str, str]) -> int:
    """Bytes that are there; asks, in `headers`, for the others.

    Bytes of another address are not gone on from; those of a server that gives its versions no name only where a hash will tell
    whether they fit.
    """
    part = part_of(target)
    try:
        start, note = part.stat().st_size, json.loads(note_of(target).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    if not isinstance(note, dict):
        return 0
    validator = note.get("validator")
    if not start or note.get("address") != mirror or not (validator or known):
        return 0
    headers["Range"] = f"bytes={start}-"
    if validator:
        headers["If-Range"] = validator
    return start


def _validator(response: http.client.HTTPResponse) -> str | None:
    """What names the server's version of the file: a strong ETag, else its date."""
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise Cut(f"the connection broke ({error or type(error).__name__})") from error


def _opened(part: Path, resumed: bool) -> IO[bytes]:
    with disk_errors(part):
        return open(part, "ab" if resumed else "wb")


def _write(file: IO[bytes], piece: bytes, target: Path) -> None:
    try:
        file.write(piece)
        file.flush()
    except OSError as error:
        # Closing would write once more what found no room.
        with contextlib.suppress(OSError):
            file.close()
        forget(target)
        raise UserError(
            f"cannot write {target}: {error.strerror or error}; nothing of it is kept, free some space and try again"
        ) from error


def part_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def note_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.part.json")


def forget(target: Path) -> None:
    """Nothing is kept of what came."""
    part_of(target).unlink(missing_ok=True)
    note_of(target).unlink(missing_ok=True)

"""Brings a published set into the data folder: downloaded or taken from where a human put it, proved, unpacked, and only then in place.

Everything happens in two folders of the data folder: downloads/ holds what comes (and what was brought by hand), and a hidden one
is laid out as the data folder will be, so that the loader's own check can look at it first. Then files are renamed into place.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from datasets.data_folder import found
from datasets.preparation.archives import BadArchive, gunzip, unpack
from datasets.preparation.catalogue import PublishedFile, PublishedSet
from datasets.preparation.download import Brought, WrongHash, accepted, download
from datasets.preparation.megabytes import size
from datasets.preparation.records import record_path, write_record
from foundation.atomic_files import disk_errors
from foundation.errors import UserError

try:
    import fcntl
except ImportError:  # Windows: two processes that fetch the same set get in each other's way
    fcntl = None  # type: ignore[assignment]

DOWNLOADS = "downloads"
BOMB = 2
"""An archive may unpack to this many times what is known of it."""

Say = Callable[[str], None]


def fetch(one: PublishedSet, root: Path, say: Say, any_hash: bool = False) -> None:
    """Brings what is missing of the set. `any_hash` takes files of another hash than the published one, if their structure is right.

    Raises UserError, and leaves nothing half-made, where that cannot be done; a cut download alone stays in downloads/, to be resumed.
    """
    missing = [file for file in one.files if found(file.places, root) is None]
    if not missing:
        say(f"{one.name}: is here already ({root / one.files[0].place if len(one.files) > 1 else found(one.files[0].places, root)})")
        return
    for line in by_hand(one, missing, root):
        say(line)
    if waiting := [file for file in missing if not file.mirrors and not _brought_by_hand(root, file).exists()]:
        raise UserError(f"{one.name}: {', '.join(file.name for file in waiting)} must be brought by hand, as said above")
    with disk_errors(root):
        (root / DOWNLOADS).mkdir(parents=True, exist_ok=True)
    with _alone(one, root), _stage(one, root) as stage:
        brought = {file.name: _bring(one, file, root, stage, say, any_hash) for file in missing}
        _proved(one, root, stage, missing, brought)
        for file in missing:
            _settle(file, root, stage)
        with disk_errors(root):
            write_record(root, one.name, {name: what for name, (what, _) in brought.items()})
        for file in missing:
            if not file.kept and brought[file.name][1]:
                (root / DOWNLOADS / file.name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # what a human put there stays
        (root / DOWNLOADS).rmdir()
    for file in missing:
        what = brought[file.name][0]
        proof = "its hash is the published one" if what.as_published else f"no hash was confirmed; sha256 {what.sha256} is recorded"
        say(f"{one.name}: {root / file.place} ({size(what.bytes_)}; {proof})")
    say(f"{one.name}: the structure is right; record {record_path(root, one.name)}")
    if one.note:
        say(f"{one.name}: {one.note}")


def by_hand(one: PublishedSet, missing: list[PublishedFile], root: Path) -> list[str]:
    """What a human is told to do for the files without an address; nothing where there are none, or where it is done."""
    waiting = [file for file in missing if not file.mirrors and not _brought_by_hand(root, file).exists()]
    if not waiting:
        return []
    lines = [f"{one.name} cannot be fetched by a program: {one.by_hand}.", f"  publisher  {one.publisher}", f"  licence    {one.licence}"]
    for file in waiting:
        known = file.hash_.replace(":", " ") if file.hash_ else "no hash is known, the structure is checked"
        lines.append(f"  save       {file.name} ({size(file.bytes_)}, {known})")
        lines.append(f"  as         {_brought_by_hand(root, file)}")
        lines.append(f"  and it becomes {root / file.place}" + ("" if file.kept else ", unpacked"))
    return [*lines, f"  then run   python prepare_datasets.py fetch {one.name}"]


def problems_of(one: PublishedSet, root: Path) -> list[str]:
    """What the loader finds different from the published structure, one line each. What it refuses to read at all is one such line."""
    try:
        found_: list[str] = importlib.import_module(one.loader).check(str(root), *one.edition)
        return found_
    except UserError as refusal:
        return [str(refusal)]


def _brought_by_hand(root: Path, file: PublishedFile) -> Path:
    return root / DOWNLOADS / file.name


def _bring(one: PublishedSet, file: PublishedFile, root: Path, stage: Path, say: Say, any_hash: bool) -> tuple[Brought, bool]:
    """The file, proved, on the stage: what it is, and whether it was downloaded now."""
    came = _brought_by_hand(root, file)
    downloaded = not came.exists()
    if downloaded:
        if file.hash_ is None:
            say(f"{one.name}: no hash of {file.name} is known; its structure is checked, and the hash it has is recorded")
        brought = download(file.mirrors, came, file.hash_, say, one.publisher, any_hash)
    else:
        try:
            brought = accepted(came, file.hash_, "by hand", any_hash)
        except WrongHash as wrong:
            raise UserError(f"{came.parent}: {wrong}; save it again from {one.publisher}") from wrong
    place = stage / file.place
    with disk_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    most_bytes = BOMB * (file.unpacked_bytes or file.bytes_)
    try:
        if file.kept:
            place.symlink_to(came.resolve())
        elif file.compressed:
            gunzip(came, place, most_bytes)
        else:
            unpack(came, file.inside, place, most_bytes)
    except BadArchive:
        if downloaded:
            came.unlink(missing_ok=True)
        raise
    return brought, downloaded


def _proved(one: PublishedSet, root: Path, stage: Path, missing: list[PublishedFile], brought: dict[str, tuple[Brought, bool]]) -> None:
    """Raises UserError, and forgets what was downloaded, where the stage has not the published structure."""
    for file in one.files:
        if file not in missing and (present := found(file.places, root)) is not None:
            (stage / file.place).parent.mkdir(parents=True, exist_ok=True)
            (stage / file.place).symlink_to(present.resolve())
    problems = problems_of(one, stage)
    if not problems:
        return
    for file in missing:
        if brought[file.name][1]:
            _brought_by_hand(root, file).unlink(missing_ok=True)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    raise UserError(
        f"{one.name}: what came is not the published set: {problems[0].replace(f'{stage}{os.sep}', '')}{more}; nothing was put in place, "
        f"see {one.publisher}"
    )


def _settle(file: PublishedFile, root: Path, stage: Path) -> None:
    """Renames what is proved into its place; into a folder that is there (of augmented images, say) entry by entry."""
    place, came = root / file.place, _brought_by_hand(root, file) if file.kept else stage / file.place
    moves = [(entry, place / entry.name) for entry in came.iterdir()] if came.is_dir() and place.is_dir() else [(came, place)]
    if taken := [target for _, target in moves if target.exists()]:
        raise UserError(f"{taken[0]} is there already and is not of the set; move it away and fetch again")
    with disk_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        for source, target in moves:
            os.replace(source, target)


@contextlib.contextmanager
def _stage(one: PublishedSet, root: Path) -> Iterator[Path]:
    """An empty folder, gone at the end; one that a killed process left is removed first."""
    stage = root / f".fetching-{one.name}"
    shutil.rmtree(stage, ignore_errors=True)
    try:
        with disk_errors(stage):
            stage.mkdir()
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextlib.contextmanager
def _alone(one: PublishedSet, root: Path) -> Iterator[None]:
    """One process a set at a time."""
    path = root / f".fetching-{one.name}.lock"
    with disk_errors(path), open(path, "wb") as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UserError(f"{one.name} is being fetched into {root} by another process; wait for it") from error
            except OSError:  # a file system without locks
                pass
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

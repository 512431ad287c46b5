"""Whether the files that are here are the published ones: their hashes where one is known, and their structure as the loader sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from datasets.data_folder import found, published_path
from datasets.preparation.catalogue import PublishedFile, PublishedSet
from datasets.preparation.fetching import problems_of
from datasets.preparation.hashes import algorithm, digests
from datasets.preparation.megabytes import size
from datasets.preparation.records import read_record


def verify(one: PublishedSet, root: Path, say: Callable[[str], None], hashes: bool = True) -> list[str]:
    """What is wrong with the set, one line each; [] where nothing is.

    With `hashes`, a file whose hash is published, or was recorded when it was fetched, is read whole, 2 seconds a gigabyte.
    Raises UserError where the set is not here at all.
    """
    if not one.present(root):
        published_path(one.name, one.files[0].places, root)
    missing = [f"there is no {file.place}" for file in one.files if found(file.places, root) is None]
    wrong = [line for file in one.files if (line := _hash_problem(one, file, root, say))] if hashes else []
    return missing + wrong + ([] if missing else problems_of(one, root))


def _hash_problem(one: PublishedSet, file: PublishedFile, root: Path, say: Callable[[str], None]) -> str | None:
    path = found(file.places, root)
    if path is None or path.is_dir():
        return None
    known, recorded = file.hash_of(path), read_record(root, one.name).get(file.name)
    if recorded is not None and file.kept and not recorded.as_published:
        known = f"sha256:{recorded.sha256}"  # the edition that was taken on purpose, or the only hash there is
    if known is None:
        if file.unpacked_to is None:
            say(f"{one.name}: no hash of {path.name} is known")
        return None
    if path.stat().st_size > 10**9:
        say(f"{one.name}: reading {size(path.stat().st_size)} of {path} for its hash; --no_hash leaves that out")
    seen = digests(path, (algorithm(known),))[algorithm(known)]
    if seen == known.partition(":")[2]:
        return None
    return f"{path}: its {algorithm(known)} is {seen}, not {known.partition(':')[2]}"

"""One file from the first mirror that has it whole and right.

Written on urllib rather than pooch: pooch knows neither mirrors nor resuming, and throws away what it has when a transfer is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from datasets.preparation.hashes import algorithm, digests
from datasets.preparation.megabytes import size
from datasets.preparation.transfer import Cut, Unavailable, forget, note_of, part_of, whole_part
from foundation.errors import UserError


@dataclass(frozen=True)
class Brought:
    """Where a file came from, and what it was: `sha256`, and whether its hash was known beforehand and right."""

    address: str
    bytes_: int
    sha256: str
    as_published: bool


class WrongHash(UserError):
    """A file is whole, but not the published one."""


def download(
    mirrors: Sequence[str], target: Path, hash_: str | None, say: Callable[[str], None], page: str, any_hash: bool = False
) -> Brought:
    """Brings the file to `target`; `page` is where a human would look for it.

    Raises UserError where no mirror has it whole, where its hash is not `hash_` (unless `any_hash`), and where the disk is full.
    """
    reasons = []
    for mirror in mirrors:
        try:
            whole_part(mirror, target, hash_ is not None, say)
            return _settled(target, hash_, mirror, any_hash)
        except (Unavailable, Cut, WrongHash) as reason:
            reasons.append(f"{urlsplit(mirror).netloc}: {reason}")
            say(reasons[-1])
    kept = part_of(target)
    state = f"; {size(kept.stat().st_size)} of it are kept, the same command goes on from there" if kept.exists() else ""
    raise UserError(
        f"cannot fetch {target.name}: {'; '.join(reasons)}{state}; try again later, or save it from {page} as {target} and run the same "
        "command again"
    )


def accepted(path: Path, hash_: str | None, address: str, any_hash: bool) -> Brought:
    """What the file at `path` is. Raises WrongHash where its hash is not `hash_` (unless `any_hash`)."""
    found = digests(path, ("sha256", *([algorithm(hash_)] if hash_ else [])))
    right = hash_ is not None and f"{algorithm(hash_)}:{found[algorithm(hash_)]}" == hash_
    if hash_ and not right and not any_hash:
        raise WrongHash(
            f"{path.name.removesuffix('.part')} has the {algorithm(hash_)} {found[algorithm(hash_)]}, not the published "
            f"{hash_.partition(':')[2]} (--any_hash takes another edition)"
        )
    return Brought(address, path.stat().st_size, found["sha256"], right)


def _settled(target: Path, hash_: str | None, mirror: str, any_hash: bool) -> Brought:
    """The part under its own name; nothing of it is kept where its hash is wrong."""
    try:
        brought = accepted(part_of(target), hash_, mirror, any_hash)
    except WrongHash:
        forget(target)
        raise
    part_of(target).replace(target)
    note_of(target).unlink(missing_ok=True)
    return brought

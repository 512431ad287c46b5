"""Checksums of files of any size, several in one reading."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from datasets.preparation.megabytes import megabytes
from foundation.errors import UserError

PIECE = 1 << 20


def digests(path: Path, algorithms: Sequence[str]) -> dict[str, str]:
    """Hexadecimal digest of the file by each algorithm (md5, sha256). Reads all of it: some 2 seconds a gigabyte."""
    states = {name: hashlib.new(name, usedforsecurity=False) for name in dict.fromkeys(algorithms)}
    try:
        with open(path, "rb") as file, megabytes(f"hashing {path.name}", path.stat().st_size) as advance:
            while piece := file.read(PIECE):
                for state in states.values():
                    state.update(piece)
                advance(len(piece))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    return {name: state.hexdigest() for name, state in states.items()}


def algorithm(hash_: str) -> str:
    """md5 of md5:0f33...; it stands before the colon."""
    return hash_.partition(":")[0]

"""What was fetched, from where, and what it hashed to: one small JSON a set, in fetched/ beside the data."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from datasets.preparation.download import Brought
from foundation.atomic_files import write_text
from foundation.errors import UserError

FOLDER = "fetched"


def record_path(root: Path, name: str) -> Path:
    return root / FOLDER / f"{name}.json"


def write_record(root: Path, name: str, brought: dict[str, Brought]) -> None:
    """Adds the files of a set (name of the download -> what it was) to its record."""
    record = {**read_record(root, name), **brought}
    files = {file: {("bytes" if key == "bytes_" else key): value for key, value in asdict(one).items()} for file, one in record.items()}
    write_text(record_path(root, name), json.dumps({"set": name, "files": files}, indent=1) + "\n")


def read_record(root: Path, name: str) -> dict[str, Brought]:
    """File of the download -> what it was; empty where nothing was recorded. Raises UserError for a record that is none."""
    path = record_path(root, name)
    if not path.exists():
        return {}
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {
            file: Brought(str(one["address"]), int(one["bytes"]), str(one["sha256"]), bool(one["as_published"]))
            for file, one in files.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} cannot be read ({type(error).__name__}); remove it, the hashes are then taken as unknown") from error

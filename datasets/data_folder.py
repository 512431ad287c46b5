"""The folder of published files: where it is, and what is said when a file is not in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from foundation.errors import UserError

VARIABLE = "DISENTANGLEMENT_TRANSFER_DATA"


def data_folder(root: str | Path | None = None) -> Path | None:
    """`root`, else the folder that the environment names; None where neither does, or `root` is empty."""
    named = root if root is not None else os.environ.get(VARIABLE)
    return Path(named) if named else None


def found(places: Sequence[str], root: str | Path | None = None) -> Path | None:
    """The first of `places` (relative to the data folder) that exists, None where none does. Nothing is opened."""
    folder = data_folder(root)
    return next((folder / place for place in places if (folder / place).exists()), None) if folder else None


def published_path(name: str, places: Sequence[str], root: str | Path | None = None) -> Path:
    """As `found`, for a set that cannot do without. Raises UserError that names the set, the place, and what brings it there."""
    path = found(places, root)
    if path is None:
        folder = data_folder(root)
        where = f"under {folder}" if folder else f"in a data folder ({VARIABLE} is not set)"
        raise UserError(
            f"{name}: there is no {places[0]} {where}; `python prepare_datasets.py fetch {name}` brings it or says how, "
            f"and sets called rendered_... need no file"
        )
    return path

"""Arrays of one's own in an npz file, read without unpickling."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from foundation.damaged_npz import DAMAGE
from foundation.errors import UserError


def read_arrays(path: str | Path, needed: Sequence[str], optional: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """The arrays `needed` and those of `optional` that are there. Raises UserError for a file that cannot be read or lacks one."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in needed if key not in archive]
            if missing:
                raise UserError(f"{path} has no array {', '.join(missing)}; it needs {', '.join(needed[:-1])} and {needed[-1]}")
            return {key: archive[key] for key in (*needed, *optional) if key in archive}
    except DAMAGE as error:
        raise UserError(f"cannot read {path} as an npz of {', '.join(needed[:-1])} and {needed[-1]}: {error}") from error


def words(array: np.ndarray) -> tuple[str, ...]:
    """The texts of an array."""
    return tuple(str(word) for word in np.atleast_1d(array))

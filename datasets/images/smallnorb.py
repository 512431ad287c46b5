"""smallNORB (LeCun et al. 2004, CVPR): fifty toys of five categories, seen from 9 heights and 18 sides in 6 lights.

The training and the test chunk, of five instances each, together are a full grid. Pictures of the first camera are taken from 96
to 64 pixels with Lanczos's filter.

Differs from the released code (disentanglement_lib): the instance is a factor (there it is drawn anew for every observation, as
FactorSubset with `hidden` does here); pixels are read as the unsigned bytes that they are; files may stay under gzip.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets.data_folder import published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import FactorTable, GridTable
from datasets.images import smallnorb_file
from datasets.images.smallnorb_file import PARTS, Part
from datasets.packed_images import PackedImages, large_store
from foundation.errors import UserError
from foundation.progress import progress

SPACE = FactorSpace(
    ("category", "instance", "elevation", "azimuth", "lighting"),
    (5, 10, 9, 18, 6),
    ("categorical", "categorical", "ordinal", "circular", "categorical"),
)
CHUNKS = ("smallnorb-5x46789x9x18x6x2x96x96-training", "smallnorb-5x01235x9x18x6x2x96x96-testing")
FOLDERS = ("small_norb/", "smallnorb/", "norb-v1.0-small/", "")
SIZE = 64


class SmallNORB(PackedImages):
    """Observations are [1, 64, 64] from 0 to 1. Instances are numbered as published: 4, 6, 7, 8, 9 are the training chunk.

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where one of the six is absent, and, when they are read, for a damaged one or a table that is no full grid.
    """

    name = "smallnorb"
    observation_shape = (1, SIZE, SIZE)

    def __init__(self, root: str | None = None) -> None:
        self.factors = GridTable(SPACE)
        self._chunks = _paths(root)

    @property
    def provenance(self) -> str:
        return f"published files {', '.join(str(chunk['dat']) for chunk in self._chunks)}"

    def pack(self) -> np.ndarray:
        identity = [
            (str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for chunk in self._chunks for path in chunk.values()
        ]

        def fill(store: np.ndarray) -> None:
            places = [_rows_of(chunk, self.factors) for chunk in self._chunks]
            _require_grid(np.concatenate(places), len(store), self._chunks[0]["info"].parent)
            with progress("smallnorb is unpacked once", len(store), "picture") as advance:
                for chunk, rows in zip(self._chunks, places, strict=True):
                    for start, pictures in smallnorb_file.first_camera(chunk["dat"], len(rows), SIZE):
                        store[rows[start : start + len(pictures)], 0] = pictures
                        advance(len(pictures))

        return large_store(self.name, f"{identity}; first camera, Lanczos to {SIZE}", (len(self.factors), *self.observation_shape), fill)


def check(root: str | None) -> list[str]:
    """What differs from the published files, one line each: headers, sizes, the table of factors, the range of the first pictures."""
    grid = GridTable(SPACE)
    differences, rows = [], []
    for chunk in _paths(root):
        try:
            rows.append(_rows_of(chunk, grid))
            differences += smallnorb_file.differences(chunk["dat"], len(rows[-1]))
        except UserError as error:
            differences.append(str(error))
    if len(rows) == len(CHUNKS):
        try:
            _require_grid(np.concatenate(rows), len(grid), chunk["info"].parent)
        except UserError as error:
            differences.append(str(error))
    return differences


def _rows_of(chunk: dict[Part, Path], grid: FactorTable) -> np.ndarray:
    """The rows of the grid [N] that the pictures of a chunk show. Raises UserError for values that are not in the grid."""
    category = smallnorb_file.read_numbers(chunk["cat"], 1)[:, 0]
    instance, elevation, azimuth, lighting = smallnorb_file.read_numbers(chunk["info"], 4).T
    if len(category) != len(instance):
        raise UserError(f"smallnorb: {chunk['cat']} has {len(category):,} rows, {chunk['info'].name} {len(instance):,}; fetch both again")
    # Azimuths are stored as 0, 2, ..., 34, tens of degrees; an odd one has no place.
    halved = np.where(azimuth % 2 == 0, azimuth // 2, -1)
    rows = grid.index_of(np.stack([category, instance, elevation, halved, lighting], axis=1))
    if (rows < 0).any():
        first = int(np.flatnonzero(rows < 0)[0])
        held = [int(column[first]) for column in (category, instance, elevation, azimuth, lighting)]
        named = ", ".join(f"{name} {value}" for name, value in zip(grid.space.names, held, strict=True))
        raise UserError(f"smallnorb: {chunk['info']}: row {first} ({named}) is no published combination; fetch it again")
    return rows


def _require_grid(rows: np.ndarray, combinations: int, folder: Path) -> None:
    """Raises UserError unless every combination of factors is there once."""
    times = np.bincount(rows, minlength=combinations)
    if (times != 1).any():
        raise UserError(
            f"smallnorb: of {len(times):,} combinations of factors {np.sum(times == 0):,} have no picture in {folder} and "
            f"{np.sum(times > 1):,} have several; fetch all six files again"
        )


def _paths(root: str | None) -> list[dict[Part, Path]]:
    return [
        {
            part: published_path("smallnorb", [f"{folder}{chunk}-{part}.mat{end}" for folder in FOLDERS for end in ("", ".gz")], root)
            for part in PARTS
        }
        for chunk in CHUNKS
    ]

"""A folder of your own pictures and a CSV of their factors as a data set.

    folder/factors.csv          file,digit,tilt           # the first column names the files, the others are factors
                                a/0001.png,seven,-15
    dataset = ImageFolder("folder", size=64, kinds={"tilt": "ordinal"})

Pictures are decoded once, in threads, into a packed store in the cache folder. Combinations of factors may be missing or repeated.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL.Image import Resampling

from datasets.array_dataset import classes
from datasets.factor_space import KINDS, FactorSpace
from datasets.factor_tables import ListedTable
from datasets.image_files import packed_pictures, pixels, read_picture
from datasets.packed_images import PackedImages
from foundation.errors import UserError

MODES = {1: "L", 3: "RGB"}


class ImageFolder(PackedImages):
    """Observations are [channels, size, size] from 0 to 1: the centred square of each picture, resized (bilinear, antialiased).

    `table` is the CSV, in the folder or by its path. A column of words is categorical, classes in alphabetical order; a column of
    numbers is ordinal, whole numbers from 0 as they are, others by rank; `kinds` says otherwise (continuous keeps its values).
    Raises UserError where the folder or the table is missing, and, when they are read, for rows and pictures that cannot be.
    """

    def __init__(
        self, folder: str, table: str = "factors.csv", size: int = 64, channels: int = 3, kinds: Mapping[str, str] | None = None
    ) -> None:
        self._folder = Path(folder)
        self._table = self._folder / table
        self._kinds = dict(kinds or {})
        self.name = self._folder.name or "own images"
        self.provenance = f"folder {folder}, factors {table}"
        self.observation_shape = (channels, size, size)
        if channels not in MODES or size < 1:
            raise UserError(f"{self.name}: images have 1 or 3 channels and a side of at least 1 pixel, not {channels} and {size}")
        if not self._table.is_file():
            raise UserError(f"{self.name}: there is no {self._table}; write a CSV there: a column of file names, then one for each factor")

    @cached_property
    def _rows(self) -> tuple[list[str], list[list[str]]]:
        """Names of the factors, and the rows: file name, then values."""
        try:
            with open(self._table, newline="", encoding="utf-8-sig") as file:
                header, *rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)] or [[]]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UserError(f"{self.name}: cannot read {self._table} as a CSV: {error}") from error
        names = [name.strip() for name in header[1:]]
        if not names or not rows:
            raise UserError(f"{self.name}: {self._table} needs a header (file, then factors) and a row for each picture")
        for number, row in enumerate(rows, 2):
            if len(row) != len(header) or not all(cell.strip() for cell in row):
                raise UserError(f"{self.name}: {self._table}: row {number} needs {len(header)} values, none of them empty")
        if unknown := [name for name in self._kinds if name not in names]:
            raise UserError(f"{self.name}: {self._table} has no factor {unknown[0]!r}; it has {', '.join(names)}")
        return names, rows

    @cached_property
    def factors(self) -> ListedTable:  # type: ignore[override]  # the table is read when it is first looked at
        names, rows = self._rows
        columns, sizes, kinds = [], [], []
        for name, cells in zip(names, list(zip(*rows, strict=True))[1:], strict=True):
            values, numbers = _numbers(cells)
            kind = self._kinds.get(name, "ordinal" if numbers else "categorical")
            if kind not in KINDS or (kind == "continuous" and not numbers):
                raise UserError(f"{self.name}: factor {name} holds {'numbers' if numbers else 'words'} and cannot be {kind}")
            column = values if kind == "continuous" else classes(values)
            columns.append(column)
            sizes.append(0 if kind == "continuous" else int(column.max()) + 1)
            kinds.append(kind)
        return ListedTable(np.stack(columns, axis=1), FactorSpace(tuple(names), tuple(sizes), tuple(kinds)))

    def pack(self) -> np.ndarray:
        channels, size, _ = self.observation_shape

        def decode(path: Path) -> np.ndarray:
            picture = read_picture(path, self.name, MODES[channels])
            side = min(picture.size)
            left, top = (picture.width - side) // 2, (picture.height - side) // 2
            return pixels(picture.resize((size, size), Resampling.BILINEAR, (left, top, left + side, top + side)))

        files = [row[0].strip() for row in self._rows[1]]
        return packed_pictures(self.name, self._folder, files, (channels, size, size), f"own, {MODES[channels]}, {size}", decode)


def _numbers(cells: tuple[str, ...]) -> tuple[np.ndarray, bool]:
    """The column as numbers [N]: itself where it is of finite numbers, else the place of each word in the alphabet."""
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        values = np.array([np.nan])
    if np.isfinite(values).all():
        return values, True
    return np.unique([cell.strip() for cell in cells], return_inverse=True)[1].astype(np.float64), False

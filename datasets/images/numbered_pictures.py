"""Sets whose pictures are numbered like the rows of a full grid: Isaac3D and Falcor3D (Nie et al. 2020, arXiv 2003.03461).

The number of a picture is the row of its factors in the grid, the last factor fastest; there is no file of labels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL.Image import Resampling

from datasets.data_folder import published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.image_files import packed_pictures, pixels, read_picture
from datasets.packed_images import PackedImages
from foundation.errors import UserError

_LOOKED_AT = 16


class NumberedPictures(PackedImages):
    """Observations are [3, size, size] from 0 to 1, for pictures 000000.png, 000001.png, ... in the first of `places` that exists.

    Raises UserError where there is no such folder, and, when it is read, for an absent or damaged picture.
    """

    def __init__(self, name: str, space: FactorSpace, places: tuple[str, ...], size: int, root: str | None) -> None:
        self.name = name
        self.factors = GridTable(space)
        self.observation_shape = (3, size, size)
        self._folder = published_path(name, places, root)

    @property
    def provenance(self) -> str:
        return f"published files {self._folder}/*.png"

    def pack(self) -> np.ndarray:
        name, (channels, height, width) = self.name, self.observation_shape
        files = [f"{row:06d}.png" for row in range(len(self.factors))]

        def decode(path: Path) -> np.ndarray:
            # Pillow's bilinear filter is as wide as the reduction: it averages, and does not alias.
            return pixels(read_picture(path, name).resize((width, height), Resampling.BILINEAR))

        return packed_pictures(name, self._folder, files, (channels, height, width), f"RGB, {height}x{width}, bilinear", decode)


def differences(name: str, rows: int, side: tuple[int, ...], places: tuple[str, ...], root: str | None) -> list[str]:
    """What differs from the published folder: names that are absent or superfluous, and the look of some pictures.

    `rows` is the published number of pictures, `side` are the lengths of their sides that are published.
    """
    folder = published_path(name, places, root)
    present = {path.name for path in folder.glob("*.png")}
    expected = {f"{row:06d}.png" for row in range(rows)}
    found = []
    for verb, files in (("lacks", expected - present), ("has besides", present - expected)):
        if files:
            found.append(f"{folder} {verb} {len(files):,} pictures, {min(files)} first")
    for row in np.linspace(0, rows - 1, _LOOKED_AT).astype(int):
        path = folder / f"{row:06d}.png"
        if path.name not in present:
            continue
        try:
            picture = read_picture(path, name, None)
        except UserError as error:
            found.append(str(error))
            continue
        width, height = picture.size
        if picture.mode not in ("RGB", "RGBA") or width != height or width not in side:
            found.append(f"{path} is {picture.mode} {width}x{height}, not RGB of {' or '.join(f'{length}x{length}' for length in side)}")
    return found

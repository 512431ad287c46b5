"""CelebA (Liu et al. 2015, arXiv 1411.7766): 202,599 aligned faces with 40 attributes, each there or not.

Attributes are factors of two values, 0 and 1, so that a row is what a person annotated: most combinations are missing, some occur
often. Faces [218, 178] are cropped to a centred square and taken to 64 pixels, averaging.

Differs from the released codes: the crop takes place (disentangling-correlated-factors crops and throws the result away) and keeps
the proportions of a face (disentanglement-pytorch squeezes the whole picture into a square, as `crop=None` does here); the
published files are left as they are (the former resizes them in place).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
from PIL.Image import Resampling

from datasets.data_folder import published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import ListedTable
from datasets.image_files import packed_pictures, pixels, read_picture
from datasets.images import celeba_attributes
from datasets.images.celeba_attributes import ATTRIBUTES
from datasets.packed_images import PackedImages
from foundation.errors import UserError

SPACE = FactorSpace(ATTRIBUTES, (2,) * len(ATTRIBUTES), ("categorical",) * len(ATTRIBUTES))
FOLDERS = ("celeba/img_align_celeba", "img_align_celeba", "CelebA/img_align_celeba")
LISTS = tuple(f"{place}list_attr_celeba.{end}" for place in ("celeba/", "celeba/Anno/", "", "CelebA/") for end in ("txt", "csv"))
ROWS, WIDTH, HEIGHT = 202_599, 178, 218
_LOOKED_AT = 16


class CelebA(PackedImages):
    """Observations are [3, size, size] from 0 to 1, the centred square of `crop` pixels of a face (at most 178; None: all of it).

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA): the folder
    img_align_celeba and list_attr_celeba.txt, or .csv. The first read takes all faces to their size (2.5 GB at 64).
    Raises UserError where they are absent, for a crop larger than a face, and, when they are read, for a list of other attributes
    and for a picture that is absent, damaged or of another size.
    """

    name = "celeba"

    def __init__(self, crop: int | None = 148, size: int = 64, root: str | None = None) -> None:
        if crop is not None and not 1 <= crop <= WIDTH:
            raise UserError(f"celeba: a face of {WIDTH}x{HEIGHT} pixels cannot be cropped to {crop}x{crop}")
        self.observation_shape = (3, size, size)
        self._crop, self._size = crop, size
        self._folder = _folder(root)
        self._list = published_path(self.name, LISTS, root)

    @property
    def provenance(self) -> str:
        return f"published files {self._folder}/*.jpg, {self._list}"

    @cached_property
    def factors(self) -> ListedTable:  # type: ignore[override]  # the list is read when it is first asked for
        return ListedTable(celeba_attributes.packed(self._list), SPACE)

    def pack(self) -> np.ndarray:
        files = [file_name(row) for row in range(len(self.factors))]
        preprocessing = f"centred {self._crop or 'whole'}, {self._size}x{self._size}, bilinear"
        return packed_pictures(self.name, self._folder, files, (3, self._size, self._size), preprocessing, self._face)

    def _face(self, path: Path) -> np.ndarray:
        picture = read_picture(path, self.name)
        if picture.size != (WIDTH, HEIGHT):
            found = "x".join(map(str, picture.size))
            raise UserError(
                f"celeba: {path} is {found}, not {WIDTH}x{HEIGHT}: it was resized or is of another edition; unpack the set again"
            )
        if self._crop is not None:
            left, top = (WIDTH - self._crop) // 2, (HEIGHT - self._crop) // 2
            picture = picture.crop((left, top, left + self._crop, top + self._crop))
        # Pillow's bilinear filter is as wide as the reduction: it averages, and does not alias.
        return pixels(picture.resize((self._size, self._size), Resampling.BILINEAR))


def check(root: str | None) -> list[str]:
    """What differs from the published files, one line each: the list of attributes, the names of the faces, some of the faces."""
    faces = CelebA(root=root)
    folder = faces._folder
    try:
        rows = len(faces.factors)
    except UserError as error:
        return [str(error)]
    found = [] if rows == ROWS else [f"{faces._list} lists {rows:,} faces, not {ROWS:,}"]
    present = {path.name for path in folder.glob("*.jpg")}
    absent = [file_name(row) for row in range(rows) if file_name(row) not in present]
    if absent:
        found.append(f"{folder} lacks {len(absent):,} faces of the list, {absent[0]} first")
    for row in np.linspace(0, rows - 1, _LOOKED_AT).astype(int):
        try:
            if file_name(row) in present:
                faces._face(folder / file_name(row))
        except UserError as error:
            found.append(str(error))
    return found


def file_name(row: int) -> str:
    """Name of the picture of a row: they are numbered from 1."""
    return f"{row + 1:06d}.jpg"


def _folder(root: str | None) -> Path:
    """The folder of the faces; some archives hold it within a folder of the same name."""
    folder = published_path("celeba", FOLDERS, root)
    return folder / folder.name if (folder / folder.name).is_dir() else folder

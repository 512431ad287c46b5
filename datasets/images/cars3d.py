"""Cars3D (Reed et al. 2015, Deep visual analogy-making, NIPS): 183 car models seen from 4 heights and 24 sides.

One MATLAB file per car holds `im`, bytes [128, 128, 3, 24, 4]. Pictures are taken to 64 pixels with Lanczos's filter.

Differs from the released code (disentanglement_lib): cars are numbered in the order of list.txt, or of their names where there is
no such list (there in the order in which the file system lists them, which differs between machines); bytes are stored (there
1.7 GB of float64).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.data_folder import published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.image_files import decode_pictures, pixels
from datasets.matlab_file import NoSuchArray, read_bytes
from datasets.packed_images import PackedImages, large_store
from foundation.errors import UserError

SPACE = FactorSpace(("elevation", "azimuth", "object"), (4, 24, 183), ("ordinal", "circular", "categorical"))
PLACES = ("cars", "cars3d/cars", "cars3d", "data/cars")
SIZE, _PUBLISHED_SIZE = 64, 128


class Cars3D(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1.

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where they are absent, and, when they are read, for a damaged file or another number of cars.
    """

    name = "cars3d"
    observation_shape = (3, SIZE, SIZE)

    def __init__(self, root: str | None = None) -> None:
        self.factors = GridTable(SPACE)
        self._folder = published_path(self.name, PLACES, root)

    @property
    def provenance(self) -> str:
        return f"published files {self._folder}/*.mat"

    def pack(self) -> np.ndarray:
        files, sizes = _car_files(self._folder), self.factors.space.sizes
        if len(files) != sizes[2]:
            raise UserError(f"cars3d: {self._folder} has {len(files)} cars, not {sizes[2]}; fetch or unpack the set again")
        states = [(file, (self._folder / file).stat().st_size, (self._folder / file).stat().st_mtime_ns) for file in files]
        identity = f"{self._folder.resolve()} {hashlib.sha256(repr(states).encode()).hexdigest()}; Lanczos to {SIZE}"

        def fill(store: np.ndarray) -> None:
            # By car, the view that a file fills: its pictures lie as far apart in the store as there are cars.
            by_car = np.moveaxis(store.reshape(*sizes, *self.observation_shape), 2, 0)
            decode_pictures(self.name, self._folder, files, lambda path: _read_car(path, sizes[:2]), by_car)

        return large_store(self.name, identity, (len(self.factors), *self.observation_shape), fill)


def check(root: str | None) -> list[str]:
    """What differs from the published files, one line each: the list and all files, in some seconds."""
    folder = published_path("cars3d", PLACES, root)
    try:
        files = _car_files(folder)
    except UserError as error:
        return [str(error)]
    differences = [] if len(files) == SPACE.sizes[2] else [f"{folder} has {len(files)} cars, not {SPACE.sizes[2]}"]
    for file in files:
        try:
            if _images(folder / file, SPACE.sizes[:2]).max() <= 1:
                differences.append(f"{folder / file} holds no pixels from 0 to 255")
        except UserError as error:
            differences.append(str(error))
    return differences


def _car_files(folder: Path) -> list[str]:
    """Names of the files of the cars, in their order. Raises UserError where the list names a file that is not there, or twice."""
    listed = folder / "list.txt"
    if not listed.exists():
        return sorted(path.name for path in folder.glob("*.mat"))
    try:
        names = [line.strip().removesuffix(".mat") + ".mat" for line in listed.read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise UserError(f"cars3d: {listed} cannot be read as a list of names ({error}); unpack the set again") from error
    wrong = [name for name in names if Path(name).name != name or names.count(name) > 1 or not (folder / name).exists()]
    if wrong:
        raise UserError(
            f"cars3d: {listed} names {len(wrong)} files that are not in the folder, or twice, {wrong[0]} first; unpack the set again"
        )
    return names


def _read_car(path: Path, views: tuple[int, ...]) -> np.ndarray:
    """The pictures of one car [elevation, azimuth, 3, 64, 64] uint8."""
    pictures = np.ascontiguousarray(_images(path, views).transpose(4, 3, 0, 1, 2))
    return np.stack([np.stack([_reduced(picture) for picture in height]) for height in pictures])


def _reduced(picture: np.ndarray) -> np.ndarray:
    return pixels(Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def _images(path: Path, views: tuple[int, ...]) -> np.ndarray:
    """The array `im` of a file [128, 128, 3, azimuth, elevation] uint8."""
    try:
        return read_bytes(path, "im", (_PUBLISHED_SIZE, _PUBLISHED_SIZE, 3, *reversed(views)))
    except NoSuchArray as reason:
        raise UserError(f"cars3d: {path} is not a published file: {reason}; fetch or unpack the set again") from reason

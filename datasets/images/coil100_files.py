"""The files of COIL-100 (Nene, Nayar and Murase 1996) and of its augmented editions (Dapueto et al. 2024, arXiv 2409.18017).

Photographs are objO__P.png (object from 1, pose in degrees), 128x128; augmented files objO__P__R__S.png (rotation in degrees,
scale). The augmented folders hold every photograph too, not turned and not zoomed: a folder that came alone will do.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.data_folder import found, published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.image_files import packed_pictures, read_picture
from datasets.images.coil100_augmentation import ROTATIONS, SCALES
from datasets.images.coil100_silhouettes import silhouette
from foundation.errors import UserError

OBJECTS, POSES = 100, 72
SIZE, MASK_SIZE = 128, 64
UNCHANGED = f"__0__{SCALES[0]}"
"""How the names of augmented files end that are neither turned nor zoomed."""


@dataclass(frozen=True)
class Photographs:
    """The photographs of every object (1 to 100) at every pose (degrees); `suffix` ends the names of their files."""

    folder: Path
    objects: tuple[int, ...]
    poses: tuple[int, ...]
    suffix: str

    def files(self) -> list[str]:
        """Names in the folder, poses fastest."""
        return [f"obj{thing}__{pose}{self.suffix}.png" for thing in self.objects for pose in self.poses]

    def identity(self) -> str:
        """What tells these photographs from others: where they are, their names, sizes and times."""
        states = [(self.folder / file).stat() for file in self.files()]
        contents = [(file, state.st_size, state.st_mtime_ns) for file, state in zip(self.files(), states, strict=True)]
        return f"{self.folder.resolve()} {hashlib.sha256(repr(contents).encode()).hexdigest()}"

    def space(self, augmented: bool) -> FactorSpace:
        """Object and pose; with rotation and scale where the photographs are turned and zoomed."""
        names, kinds = ("object", "pose", "rotation", "scale"), ("categorical", "circular", "circular", "ordinal")
        shown = 4 if augmented else 2
        return FactorSpace(names[:shown], (len(self.objects), len(self.poses), len(ROTATIONS), len(SCALES))[:shown], kinds[:shown])


def place_of_photographs(name: str, root: str | None) -> Path:
    """The first photograph, wherever it lies. Nothing is opened. Raises UserError where there is none."""
    first = f"obj1__0{UNCHANGED}.png"
    places = ["coil-100/coil-100/obj1__0.png", "coil-100/obj1__0.png"]
    places += [f"coil-100/coil-100-augmented/{first}", f"coil-100-augmented/{first}"]
    return published_path(name, places, root)


def place_of_augmented(name: str, root: str | None, binary: bool) -> Path:
    """The first augmented file, wherever it lies. Nothing is opened. Raises UserError where there is none."""
    return published_path(name, _places_of_augmented(binary), root)


def augmented_folder(root: str | None, binary: bool) -> Path | None:
    """The folder of augmented files that are there, None where there are none."""
    first = found(_places_of_augmented(binary), root)
    return first.parent if first else None


def _places_of_augmented(binary: bool) -> list[str]:
    edition = "coil-100-augmented-binary" if binary else "coil-100-augmented"
    return [f"{place}{edition}/obj1__0{UNCHANGED}.png" for place in ("coil-100/", "")]


def listed_photographs(first: Path) -> Photographs:
    """The photographs beside `first`: those objects and those poses that occur. Raises UserError where a combination is missing."""
    suffix = UNCHANGED if first.name.endswith(f"{UNCHANGED}.png") else ""
    pattern = re.compile(rf"obj(\d+)__(\d+){re.escape(suffix)}\.png")
    with os.scandir(first.parent) as entries:
        present = {(int(match[1]), int(match[2])) for entry in entries if (match := pattern.fullmatch(entry.name))}
    objects, poses = (tuple(sorted(set(values))) for values in zip(*present, strict=True))
    absent = [(thing, pose) for thing in objects for pose in poses if (thing, pose) not in present]
    if absent:
        raise UserError(
            f"coil100: {first.parent} lacks {len(absent)} of the {len(objects)} x {len(poses)} photographs that it should hold, "
            f"obj{absent[0][0]}__{absent[0][1]}{suffix}.png first; unpack coil-100.zip again"
        )
    return Photographs(first.parent, objects, poses, suffix)


def augmented_files(photographs: Photographs) -> list[str]:
    """Names of all augmented files, in the order of the factors: scales fastest."""
    kinds = [f"__{rotation}__{scale}.png" for rotation in ROTATIONS for scale in SCALES]
    return [f"obj{thing}__{pose}{kind}" for thing in photographs.objects for pose in photographs.poses for kind in kinds]


def classes_csv(photographs: Photographs) -> str:
    """The table of an augmented folder: a line for each file, its name and its four classes."""
    classes = GridTable(photographs.space(augmented=True))[np.arange(len(photographs.files()) * len(ROTATIONS) * len(SCALES))].tolist()
    lines = (f"{file},{','.join(map(str, row))}" for file, row in zip(augmented_files(photographs), classes, strict=True))
    return "\n".join(["image,object,pose,rotation,scale", *lines]) + "\n"


def read_words(path: Path) -> np.ndarray:
    """A file of 128x128 pixels as words [128, 128] uint32, bytes red, green, blue and 0.

    Raises UserError for a file that is damaged or has another size.
    """
    words = np.zeros((SIZE, SIZE, 4), np.uint8)
    words[..., :3] = np.asarray(_of_size(read_picture(path, "coil100"), SIZE, path))
    return words.view(np.uint32)[..., 0]


def read_mask(path: Path) -> np.ndarray:
    """A file of the binary edition as a mask [64, 64] uint8. Raises UserError for a file that is damaged or has another size."""
    return np.asarray(_of_size(read_picture(path, "coil100_augmented_binary", "L"), MASK_SIZE, path))


def photo_words(photographs: Photographs) -> np.ndarray:
    """All photographs, decoded once: [N, 128 * 128 + 1] uint32, a pixel in the bytes red, green, blue and 0; the last is black."""

    def decode(path: Path) -> np.ndarray:
        return np.append(read_words(path), np.uint32(0)).view(np.uint8).reshape(1, -1, 4)

    shape = (1, SIZE * SIZE + 1, 4)
    stored = packed_pictures("coil100-photographs", photographs.folder, photographs.files(), shape, "words of RGB0, then black", decode)
    return stored.view(np.uint32).reshape(len(stored), -1)


def masks(photographs: Photographs) -> np.ndarray:
    """Masks of all photographs, made once (some seconds a thousand): [N, 64 * 64 + 1] uint8, 0 or 255; the last is black."""

    def decode(path: Path) -> np.ndarray:
        return np.append(silhouette(read_words(path).view(np.uint8).reshape(SIZE, SIZE, 4)[..., :3]), np.uint8(0)).reshape(1, 1, -1)

    shape = (1, 1, MASK_SIZE**2 + 1)
    stored = packed_pictures("coil100-masks", photographs.folder, photographs.files(), shape, "silhouettes, then black", decode)
    return stored.reshape(len(stored), -1)


def _of_size(picture: Image.Image, side: int, path: Path) -> Image.Image:
    if picture.size != (side, side):
        raise UserError(f"coil100: {path} is {picture.width}x{picture.height}, not {side}x{side}; unpack the set again")
    return picture

"""The files of RGB-D Objects (Lai et al. 2011): category/category_I/category_I_V_F_{crop,depthcrop,maskcrop}.png.

I is the instance, V the video (1, 2, 4: a camera at another height), F the frame (a turn of the table), all from 1. Depth is in
millimetres, 16 bits, 0 where nothing was measured.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.factor_space import FactorSpace
from datasets.factor_tables import ListedTable
from datasets.image_files import read_picture
from foundation.errors import UserError

logger = logging.getLogger(__name__)

COLOUR, DEPTH, MASK = "crop.png", "depthcrop.png", "maskcrop.png"
_FRAME = re.compile(r"_(\d+)_(\d+)_(crop|depthcrop|maskcrop)\.png")


@dataclass(frozen=True)
class Frames:
    """What lies in `folder`: `stems` name the frames (category/category_I/category_I_V_F_), by category, instance, video, frame.

    `incomplete` are stems of frames that lack one of the kinds of files asked for; they are left out of the others.
    """

    folder: Path
    stems: list[str]
    factors: ListedTable
    incomplete: list[str]


def listed_frames(name: str, folder: Path, kinds: tuple[str, ...], every_instance: bool) -> Frames:
    """The frames of the first instance of every category (in numeric order), or of all. Raises UserError where there are none.

    Factors: category, instance (from 0 in its category), azimuth (video - 1), pose (frame - 1).
    """
    stems, rows, incomplete = [], [], []
    for category, category_name in enumerate(_folders(folder)):
        instances = sorted(_folders(folder / category_name), key=_trailing_number)
        for instance, instance_name in enumerate(instances if every_instance else instances[:1]):
            for (video, frame), present in sorted(_frames(folder / category_name / instance_name, instance_name).items()):
                stem = f"{category_name}/{instance_name}/{instance_name}_{video}_{frame}_"
                if present.issuperset(kinds):
                    stems.append(stem)
                    rows.append((category, instance, video - 1, frame - 1))
                elif COLOUR in present:
                    incomplete.append(stem)
    if not stems:
        raise UserError(
            f"{name}: {folder} holds no frame category/category_1/category_1_1_1_{kinds[0]} with all of {', '.join(kinds)}; "
            "unpack rgbd-dataset.tar there"
        )
    if incomplete:
        logger.warning("%s: %d frames lack one of %s and are left out, %s first", name, len(incomplete), ", ".join(kinds), incomplete[0])
    table = np.array(rows)
    sizes = tuple(int(size) for size in table.max(axis=0) + 1)
    space = FactorSpace(("category", "instance", "azimuth", "pose"), sizes, ("categorical", "categorical", "ordinal", "circular"))
    return Frames(folder, stems, ListedTable(table, space), incomplete)


def read_colour(path: Path) -> np.ndarray:
    """A crop [H, W, 3] uint8."""
    return np.asarray(read_picture(path, "rgbd_objects"))


def read_mask(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """A mask [H, W] uint8, not 0 on the object. Raises UserError where it has not the `shape` of its picture."""
    mask = np.asarray(read_picture(path, "rgbd_objects", "L"))
    if mask.shape != shape[:2]:
        raise UserError(f"rgbd_objects: {path} is {list(mask.shape)}, its picture {list(shape[:2])}; unpack rgbd-dataset.tar again")
    return mask


def read_millimetres(path: Path) -> np.ndarray:
    """Depth [H, W] int64 in millimetres, 0 where nothing was measured. Raises UserError for a picture of other than 16 bits."""
    picture = read_picture(path, "rgbd_objects_depth", None)
    if not picture.mode.startswith("I"):
        raise UserError(
            f"rgbd_objects_depth: {path} is a picture of mode {picture.mode}, not depth in 16 bits; unpack rgbd-dataset.tar again"
        )
    return np.asarray(picture).astype(np.int64)


def _folders(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))


def _frames(folder: Path, instance: str) -> dict[tuple[int, int], set[str]]:
    """The kinds of files of every (video, frame)."""
    present: dict[tuple[int, int], set[str]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            match = _FRAME.fullmatch(entry.name[len(instance) :]) if entry.name.startswith(instance) else None
            if match:
                present.setdefault((int(match[1]), int(match[2])), set()).add(f"{match[3]}.png")
    return present


def _trailing_number(instance: str) -> tuple[int, str]:
    digits = re.search(r"_(\d+)$", instance)
    return (int(digits[1]) if digits else 0), instance

"""What differs between the files of COIL-100 here and those that were published, in words."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from datasets.images.coil100_augmentation import ROTATIONS, SCALES, gathered_pixels
from datasets.images.coil100_files import (
    MASK_SIZE,
    OBJECTS,
    POSES,
    SIZE,
    UNCHANGED,
    Photographs,
    augmented_files,
    classes_csv,
    listed_photographs,
    read_mask,
    read_words,
)
from foundation.errors import UserError

_MOST_LINES = 5
_COMPARED_FILES = 200


def differing_photographs(photographs: Photographs) -> list[str]:
    """A line for each way in which the photographs are not the published ones. Decodes all of them (some seconds)."""
    differences = []
    objects, poses = tuple(range(1, OBJECTS + 1)), tuple(range(0, 360, 360 // POSES))
    if (photographs.objects, photographs.poses) != (objects, poses):
        differences.append(
            f"coil100: {photographs.folder} holds {len(photographs.objects)} objects at {len(photographs.poses)} poses, not objects 1 to "
            f"{OBJECTS} at the {POSES} poses 0, 5 .. 355"
        )
    damaged = (line for file in photographs.files() if (line := _damage(photographs.folder / file)))
    return differences + list(itertools.islice(damaged, _MOST_LINES))


def differing_augmented(folder: Path, binary: bool) -> list[str]:
    """A line for each way in which an augmented folder is not what its own unturned photographs make. Decodes some 200 files."""
    own = listed_photographs(folder / f"obj1__0{UNCHANGED}.png")
    files = augmented_files(own)
    present = {path.name for path in folder.iterdir()}
    absent = [file for file in files if file not in present]
    differences = [f"{folder} lacks {len(absent):,} of {len(files):,} files, {absent[0]} first"] if absent else []
    table = folder / "classes.csv"
    if not table.exists() or table.read_text(encoding="utf-8", errors="replace").split() != classes_csv(own).split():
        differences.append(
            f"{table} is not the table of these files (the released script lists the photographs in it); names of files are read instead, "
            "and `python prepare_datasets.py augment coil100` writes it anew"
        )
    wrong = []
    for row in np.unique(np.linspace(0, len(files) - 1, _COMPARED_FILES).astype(np.int64)):
        if files[row] in present:
            wrong += _difference(folder, own.files()[row // (len(ROTATIONS) * len(SCALES))], files[row], int(row), binary)
    return differences + wrong[:_MOST_LINES]


def _difference(folder: Path, photograph: str, file: str, row: int, binary: bool) -> list[str]:
    side = MASK_SIZE if binary else SIZE
    read = read_mask if binary else read_words
    try:
        original, stored = read(folder / photograph), read(folder / file)
    except UserError as error:
        return [str(error)]
    kind = np.array([row % (len(ROTATIONS) * len(SCALES))])
    made = gathered_pixels(np.append(original, original.dtype.type(0))[None], np.array([0]), kind).reshape(side, side)
    differing = int((made != stored).sum())
    return [f"{folder / file} differs from what {photograph} makes in {differing} of {side * side} pixels"] if differing else []


def _damage(path: Path) -> str | None:
    try:
        read_words(path)
    except UserError as error:
        return str(error)
    return None

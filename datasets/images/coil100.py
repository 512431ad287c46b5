"""COIL-100 (Nene, Nayar and Murase 1996): 7,200 photographs of 100 objects on a turntable, and its augmented editions as files.

Differs from the released code (Dapueto et al. 2024): augmented folders get a classes.csv of all their files, where the released
script lists the photographs only; file by file appears complete, and an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.data_folder import data_folder
from datasets.factor_tables import GridTable
from datasets.image_files import packed_pictures
from datasets.images.coil100_augmentation import augmentations, gathered_pixels, halve
from datasets.images.coil100_checks import differing_augmented, differing_photographs
from datasets.images.coil100_files import (
    MASK_SIZE,
    SIZE,
    augmented_files,
    augmented_folder,
    classes_csv,
    listed_photographs,
    masks,
    photo_words,
    place_of_photographs,
    read_words,
)
from datasets.packed_images import PackedImages
from foundation.atomic_files import check_place, disk_errors, write_text
from foundation.progress import progress
from foundation.threads import allotted_threads


class Coil100(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1: photographs at half their size (antialiased bilinear), in 256 levels.

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA). Factors are
    the objects and poses that are there; all 100 and 72 in the published set. Raises UserError where there is none of it.
    """

    name = "coil100"
    observation_shape = (3, SIZE // 2, SIZE // 2)

    def __init__(self, root: str | None = None) -> None:
        self._photographs = listed_photographs(place_of_photographs(self.name, root))
        self.factors = GridTable(self._photographs.space(augmented=False))
        self.provenance = f"published file {self._photographs.folder}"

    def pack(self) -> np.ndarray:
        def decode(path: Path) -> np.ndarray:
            return halved(read_words(path))

        return packed_pictures(self.name, self._photographs.folder, self._photographs.files(), self.observation_shape, "halved", decode)


def halved(words: np.ndarray) -> np.ndarray:
    """A photograph [H, W] uint32 (bytes red, green, blue, 0) at half its size: [3, H / 2, W / 2] uint8."""
    image = np.empty((1, 3, len(words) // 2, words.shape[1] // 2), np.float32)
    halve(words[None], image)
    return np.rint(image[0] * 255).astype(np.uint8)


def check(root: str | None) -> list[str]:
    """What differs from the published photographs, and, where they are there, from the augmented editions: a line each.

    Raises UserError where there are no photographs.
    """
    photographs = listed_photographs(place_of_photographs("coil100", root))
    differences = differing_photographs(photographs)
    for binary in (False, True):
        folder = augmented_folder(root, binary)
        if folder and not differences:
            differences += differing_augmented(folder, binary)
    return differences


def write_augmented(root: str | None, binary: bool) -> Path:
    """Writes the augmented edition (1,166,400 files objO__P__R__S.png and classes.csv) beside the photographs; returns its folder.

    Colour files are 128x128, those of the `binary` edition 64x64 masks. Files that are there already are kept. Raises UserError
    where there are no photographs, or no room.
    """
    photographs = listed_photographs(place_of_photographs("coil100", root))
    place = data_folder(root) or Path()
    folder = augmented_folder(root, binary) or place / "coil-100" / ("coil-100-augmented-binary" if binary else "coil-100-augmented")
    check_place(folder / "classes.csv")
    pictures = masks(photographs) if binary else photo_words(photographs)
    files = augmented_files(photographs)
    kinds = np.arange(len(augmentations(MASK_SIZE)))
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        present = {entry.name for entry in os.scandir(folder) if entry.stat().st_size}
        with progress(f"{folder.name} is written", len(files), "picture") as advance, ThreadPoolExecutor(allotted_threads()) as threads:

            def write(row: int) -> None:
                names = files[row * len(kinds) : (row + 1) * len(kinds)]
                missing = np.array([kind for kind, name in zip(kinds, names, strict=True) if name not in present], dtype=np.int64)
                for kind, pixels in zip(missing, gathered_pixels(pictures, np.full(len(missing), row), missing), strict=True):
                    _write_picture(folder / names[kind], pixels)
                advance(len(kinds))

            list(threads.map(write, range(len(pictures))))
        for leftover in folder.glob(".obj*.part"):
            leftover.unlink(missing_ok=True)
    write_text(folder / "classes.csv", classes_csv(photographs))
    return folder


def _write_picture(path: Path, pixels: np.ndarray) -> None:
    """Writes masks [64 * 64] uint8 and words [128 * 128] uint32 as PNG; the file appears complete."""
    if pixels.dtype == np.uint8:
        picture = Image.fromarray(pixels.reshape(MASK_SIZE, MASK_SIZE))
    else:
        picture = Image.fromarray(np.ascontiguousarray(pixels.view(np.uint8).reshape(SIZE, SIZE, 4)[..., :3]))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    picture.save(temporary, format="PNG", compress_level=1)
    # A million files are not flushed one by one: after a loss of power, those of size 0 are written again.
    os.replace(temporary, path)

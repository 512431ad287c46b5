"""Sprites: characters of the Liberated Pixel Cup that walk, cast a spell and slash (Li and Mandt 2018, arXiv 1803.02991).

In the edition that VDSM reads (Vowels et al. 2021): one file k.sprite per sequence of 8 frames, in the folders train and test, saved by
torch, nine files in a row for each of 840 characters (github.com/yatindandi/Disentangled-Sequential-Autoencoder).

Differs from the released code: a sequence is looked up in a table of its labels (there files are trusted to stand in complete groups
of nine); the direction, which the files do not say, is a factor. Slash was cut one row too low from the sheets (rows 14 to 16 instead of
13 to 15): its three files show it from the front, from the right, and a shot from behind. They are labelled as what they show.
"""

from __future__ import annotations

import logging
import re
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from datasets.data_folder import published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import FactorTable, ListedTable
from datasets.factored_dataset import FactorAccess
from datasets.packed_cache import packed_array
from datasets.sequences.sequence_dataset import Sequences, by_frame
from datasets.sequences.sprites_files import FRAMES, LABELS, read_labels, read_pictures
from foundation.errors import UserError

PARTS = ("train", "test")
PLACES = ("sprites/lpc-dataset", "lpc-dataset", "sprites")
SPACE = FactorSpace(
    names=("body", "shirt", "pants", "hair", "action", "direction", "frame"),
    sizes=(7, 4, 5, 6, 3, 4, FRAMES),
    kinds=("categorical",) * 6 + ("ordinal",),
)
"""Actions are walk, spellcast and slash; directions left, front, right and, for the shot among the slashes, back."""
DIRECTIONS = np.array([[0, 1, 2], [0, 1, 2], [1, 2, 3]])
"""Direction of the three files of each action, in their order."""
CHARACTERS, MOTIONS = 840, 9
VERSION = 1
"""To be raised whenever what is stored changes."""

logger = logging.getLogger(__name__)


class Sprites(FactorAccess):
    """Observations are [3, 64, 64] from 0 to 1. `part` is all, train or test: the published split, by character.

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where the files are missing or the part unknown, and for a damaged file when it is read.
    """

    name = "sprites"
    observation_shape = (3, 64, 64)

    def __init__(self, part: str = "all", root: str | None = None) -> None:
        if part not in ("all", *PARTS):
            raise UserError(f"sprites: the parts are all, train and test, not {part!r}")
        self._parts = PARTS if part == "all" else (part,)
        self._folder = published_path("sprites", [f"{place}/{self._parts[0]}" for place in PLACES], root).parent

    @property
    def provenance(self) -> str:
        return f"published files {self._folder}/{{{','.join(self._parts)}}}/*.sprite"

    @cached_property
    def _files(self) -> list[Path]:
        return [path for part in self._parts for path in numbered(self._folder / part)]

    @cached_property
    def _identity(self) -> str:
        """What tells these files from others: names, sizes and times."""
        status = [path.stat() for path in self._files]
        listing = [(path.name, entry.st_size, entry.st_mtime_ns) for path, entry in zip(self._files, status, strict=True)]
        return f"{self._folder.resolve()} {listing}, version {VERSION}"

    @cached_property
    def _labels(self) -> np.ndarray:
        """Body, shirt, pants, hair, action and direction of each sequence: [S, 6] int64."""

        def fill(labels: np.ndarray) -> None:
            labels[:] = directed(read_labels(self._files), self._folder)

        return packed_array("sprites-labels", self._identity, (len(self._files), len(LABELS) + 1), fill, np.int64)

    @cached_property
    def _pictures(self) -> np.ndarray:
        """All frames: [S * 8, 3, 64, 64] uint8."""

        def fill(pictures: np.ndarray) -> None:
            logger.warning("%d files of %s are packed once (%.1f GB)", len(self._files), self._folder, pictures.nbytes / 1e9)
            read_pictures(self._files, pictures.reshape(-1, FRAMES, *self.observation_shape))

        return packed_array("sprites", self._identity, (len(self._files) * FRAMES, *self.observation_shape), fill)

    @cached_property
    def factors(self) -> FactorTable:  # type: ignore[override]  # labels stand in the files
        frames = np.tile(np.arange(FRAMES), len(self._labels))
        return ListedTable(np.column_stack([np.repeat(self._labels, FRAMES, axis=0), frames]), SPACE)

    @cached_property
    def sequences(self) -> Sequences:
        return by_frame(self.factors)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone."""
        indices = np.asarray(indices)
        images = torch.from_numpy(self._pictures[indices.ravel()])
        return images.to(torch.float32).div_(255).view(*indices.shape, *self.observation_shape)


def numbered(folder: Path) -> list[Path]:
    """The files 1.sprite, 2.sprite ... of a folder by number. Raises UserError where there are none or a number is missing."""
    files = {int(path.stem): path for path in folder.glob("*.sprite") if re.fullmatch(r"\d+", path.stem)} if folder.is_dir() else {}
    missing = next((number for number in range(1, len(files) + 1) if number not in files), None)
    if not files or missing:
        raise UserError(f"sprites: there is no {folder / f'{missing or 1}.sprite'}; the files of a part are numbered from 1 without "
                        "gaps, copy the missing ones")  # fmt: skip
    return [files[number] for number in sorted(files)]


def directed(labels: np.ndarray, folder: Path) -> np.ndarray:
    """Labels [S, 5] with the direction beside them [S, 6].

    Two versions of the script that made the files number actions 0 to 2, or action and direction together 0 to 8. In the first,
    the three files of a character and an action follow each other. Raises UserError where they do not.
    """
    if labels[:, 4].max() > 2:
        action, turn = np.divmod(labels[:, 4], 3)
        return np.column_stack([labels[:, :4], action, DIRECTIONS[action, turn]])
    groups = labels[: len(labels) // 3 * 3].reshape(-1, 3, labels.shape[1])
    if len(labels) % 3 or (groups != groups[:, :1]).any() or len(np.unique(groups[:, 0], axis=0)) < len(groups):
        raise UserError(f"sprites: the files of {folder} do not come in threes of one character and action; "
                        "some are missing or in another order, copy the folder again")  # fmt: skip
    return np.column_stack([labels, DIRECTIONS[groups[:, 0, 4]].ravel()])


def check(root: str | None = None) -> list[str]:
    """What the published files hold differently from what they should, one line each; every file is looked at."""
    dataset = Sprites(root=root)
    try:
        labels = dataset._labels
        characters = len(np.unique(labels[:, :4], axis=0))
        dataset._pictures  # noqa: B018 - reads and checks every picture
    except UserError as error:
        return [str(error)]
    differences = []
    if characters != CHARACTERS:
        differences.append(f"sprites: {dataset._folder} holds {characters} characters, not {CHARACTERS}")
    if len(np.unique(labels, axis=0)) != characters * MOTIONS or len(labels) != characters * MOTIONS:
        differences.append(f"sprites: {len(labels)} sequences are not {MOTIONS} different ones of each of {characters} characters")
    return differences

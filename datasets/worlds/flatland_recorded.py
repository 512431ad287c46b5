"""FlatLand from the files that its public generator writes (Caselles-Dupre et al. 2019, arXiv 1904.00243): see `flatland_file`.

Positions are read off the frames, by the place of the disc, and are exact to the pixel: where the ball's true coordinate ends in a
half (a contact with a wall that the physics engine missed), the half is not to be seen, and positions are what it is rounded down to.

Differs from the released code of Painter et al. (2020, arXiv 2008.07922): there positions are the brightest column and row, in a picture
that may be noisy; all N - 1 actions between frames are used, there the last pair is left out.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from torch import Tensor

from datasets.actions import Walk
from datasets.factor_tables import ListedTable
from datasets.packed_cache import packed_array
from datasets.packed_images import PackedImages
from datasets.worlds import flatland_file
from datasets.worlds.disc import SIZE
from datasets.worlds.flatland import CHANNELS, action_space, position_table
from datasets.worlds.flatland_file import ACTIONS, CHUNK_FRAMES, FRAMES, Unexpected
from datasets.worlds.flatland_rules import SMALL_BALL, STANDARD
from foundation.errors import UserError

VERSION = 1
"""To be raised whenever a store becomes another one from the same files."""


class RecordedFlatLand(PackedImages):
    """As FlatLand, from inputs.npy and actions.npy in the folder flatland (or flatland-small-ball) of `root`.

    `root` is the folder of published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA). `misfits`: so many
    actions may lead elsewhere than the rules say (another physics engine finds other contacts); more are refused. The first read
    takes all frames to a store of bytes (41 MB, some seconds). Observations are [channels, 64, 64], 0 and 1. Raises UserError where a
    file is absent, and, when they are read, for files that are cut, foreign or shifted against each other.
    """

    def __init__(
        self, small_ball: bool = False, channels: int = 1, in_pixels: bool = False, misfits: int = 0, root: str | None = None
    ) -> None:
        if channels not in CHANNELS:
            raise UserError(f"FlatLand has 1 or 3 channels, not {channels}")
        self.edition = SMALL_BALL if small_ball else STANDARD
        self.name = f"{self.edition.name}-file"
        self.folder = flatland_file.folder(self.edition, root)
        self.provenance = f"published files {self.folder / FRAMES} and {ACTIONS}"
        self.observation_shape = (channels, SIZE, SIZE)
        self.in_pixels, self.misfits = in_pixels, misfits

    @cached_property
    def positions(self) -> np.ndarray:
        """The whole pixel of the arena that the ball is in, [N, 2] (x, y)."""
        pictures = self.images[:, 0]
        chunks = np.array_split(pictures, -(-len(pictures) // CHUNK_FRAMES))
        return np.concatenate([flatland_file.located(chunk > 0, self.edition) for chunk in chunks])

    @cached_property
    def factors(self) -> ListedTable:  # type: ignore[override]  # read off the frames when it is first looked at
        return position_table(self.positions, self.edition, self.in_pixels)

    @cached_property
    def walk(self) -> Walk:
        """Raises UserError for actions that do not lead from their frame to the next."""
        actions = self._files()[1][:-1]
        wrong = flatland_file.misfits(self.positions, actions, self.edition)
        if len(wrong) > self.misfits:
            raise UserError(
                f"{self.folder}: {flatland_file.misfit_line(wrong, len(actions))}; make both files again, with images/ empty, or set "
                f"RecordedFlatLand.misfits = {len(wrong)} to take them as they are"
            )
        return Walk(actions, action_space(self.edition))

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., channels, 64, 64] float32. `rng` is left alone. The first call packs the published frames, once for all runs."""
        images = super().observations(indices, rng)
        return images.expand(*images.shape[:-3], *self.observation_shape).contiguous()

    def pack(self) -> np.ndarray:
        frames, _ = self._files()
        status = (self.folder / FRAMES).stat()
        made_from = f"{(self.folder / FRAMES).resolve()} {status.st_size} {status.st_mtime_ns}, {self.edition.name}, version {VERSION}"
        return packed_array(self.name, made_from, (len(frames), 1, SIZE, SIZE), self._fill)

    def _fill(self, target: np.ndarray) -> None:
        try:
            for start, white, _ in flatland_file.pictures(self._files()[0], self.edition):
                target[start : start + len(white), 0] = white * np.uint8(255)
        except Unexpected as unexpected:
            raise self._refusal(str(unexpected)) from unexpected

    def _files(self) -> tuple[np.ndarray, np.ndarray]:
        """Frames, mapped, and as many actions."""
        try:
            frames = flatland_file.frames_of(self.folder / FRAMES)
            actions = flatland_file.actions_of(self.folder / ACTIONS)
        except Unexpected as unexpected:
            raise self._refusal(str(unexpected)) from unexpected
        if problem := flatland_file.unequal(frames, actions):
            raise self._refusal(f"{problem}; `python prepare_datasets.py verify {flatland_file.NAME}` says from which action on")
        return frames, actions

    def _refusal(self, reason: str) -> UserError:
        return UserError(f"{self.folder}: {reason}; FlatLand's public generator makes {FRAMES} and {ACTIONS}, with images/ empty before")

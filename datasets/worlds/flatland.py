"""FlatLand (Caselles-Dupre et al. 2018): a ball that walks at random in an arena whose walls lead to the opposite side.

One walk is recorded, without an end to its episode: frame k, and the action that leads from it to frame k + 1. Positions are those
of the simulator, in pixels of the arena (x to the right, y upwards).

Differs from the released code: factors are true positions, not measured on the picture; frames are drawn when they are asked for;
the seed is ours, so that the walk is another one under the same rules; each frame is one channel unless three are asked for.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from torch import Tensor

from datasets.actions import ActionSpace, Walk
from datasets.factor_space import FactorSpace
from datasets.factor_tables import ListedTable
from datasets.factored_dataset import FactorAccess
from datasets.worlds.disc import SIZE, Disc
from datasets.worlds.flatland_rules import MOVES, SMALL_BALL, STANDARD, Edition
from foundation.errors import UserError
from foundation.randomness import stream

VERSION = 1
"""To be raised whenever any walk or frame changes."""
CHANNELS = (1, 3)


class FlatLand(FactorAccess):
    """`frames` frames of the walk that `seed` draws; factors x and y, continuous.

    `small_ball` is the edition with a ball of radius 8 (else 15), which goes 10 pixels per action (else 5). `channels` is 1, or 3
    as published (all equal). With `in_pixels` the factors are the whole pixels on which the ball is drawn, numbered from the left
    and from the bottom, for scores that need discrete factors.
    Actions are 0: y -, 1: x -, 2: y +, 3: x +. Observations are [channels, 64, 64], 0 and 1. Raises UserError for other channels.
    """

    def __init__(self, small_ball: bool = False, channels: int = 1, frames: int = 10_000, seed: int = 0, in_pixels: bool = False) -> None:
        if channels not in CHANNELS:
            raise UserError(f"FlatLand has 1 or 3 channels, not {channels}")
        if frames < 2:
            raise UserError(f"a walk through FlatLand has at least 2 frames, not {frames}")
        self.edition = SMALL_BALL if small_ball else STANDARD
        self.name = self.edition.name
        self.frames = frames
        self.seed = seed
        self.in_pixels = in_pixels
        self.observation_shape = (channels, SIZE, SIZE)
        self._disc = Disc(self.edition.drawn_radius)

    @property
    def provenance(self) -> str:
        return f"rendered: FlatLand's own rules, a walk of {self.frames:,} frames, seed {self.seed}, version {VERSION}"

    @cached_property
    def walk(self) -> Walk:
        space = action_space(self.edition)
        return Walk(stream(self.seed, "flatland", self.name).integers(0, len(space), self.frames - 1), space)

    @cached_property
    def positions(self) -> np.ndarray:
        """Where the ball is in each frame, [N, 2] (x, y). The first look walks the walk (a fifth of a second)."""
        place = (self.edition.start, self.edition.start)
        places = [place]
        for action in self.walk.actions.tolist():
            place = self.edition.moved(*place, action)
            places.append(place)
        return np.array(places)

    @cached_property
    def factors(self) -> ListedTable:  # type: ignore[override]  # walked when it is first looked at
        return position_table(self.positions, self.edition, self.in_pixels)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., channels, 64, 64] float32. `rng` is left alone."""
        pixels = np.floor(self.positions[indices]).astype(np.int64)
        columns, rows = pixels[..., 0] - self.edition.left, self.edition.top - pixels[..., 1]
        return self._disc.draw(columns, rows, self.observation_shape[0])


def action_space(edition: Edition) -> ActionSpace:
    """FlatLand's four actions, as they are numbered there."""
    angle = 2 * math.pi * edition.step / edition.turn
    axes, signs = [("x" if x else "y") for x, _ in MOVES], [int(x + y) for x, y in MOVES]
    return ActionSpace(tuple(axes), tuple(signs), tuple(sign * angle for sign in signs))


def position_table(positions: np.ndarray, edition: Edition, in_pixels: bool) -> ListedTable:
    """Positions [N, 2] in the arena as continuous factors x and y, or as whole pixels, from the left and from the bottom."""
    if not in_pixels:
        return ListedTable(positions, FactorSpace(("x", "y"), (0, 0), ("continuous", "continuous")))
    lowest, highest = edition.reach
    sizes = (highest - lowest + 1,) * 2
    return ListedTable(np.floor(positions) - lowest, FactorSpace(("x", "y"), sizes, ("circular", "circular")))

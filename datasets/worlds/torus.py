"""The exact torus that FlatLand stands for: a disc at states x states places, and after the last place the first again.

FlatLand's walls let the ball drift off its lattice; here every action of `walks.ActionWalks(steps={'x': 5, 'y': 5})` turns a circle
by 2 pi 5/33, wherever it starts. The pictures are those of FlatLand at the same places: a torus of 33 has one state per pixel.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from datasets.worlds.disc import SIZE, Disc
from datasets.worlds.flatland_rules import SMALL_BALL, STANDARD
from foundation.errors import UserError

VERSION = 1
"""To be raised whenever any picture changes."""


class Torus(FactorAccess):
    """states x states pictures; factors x (to the right) and y (upwards), circular.

    The disc is that of FlatLand (radius 15, or 8 with `small_ball`), whole in every picture: its places are spread over the 33 (or 47)
    pixels that this leaves, each on the nearest corner of pixels to the left and below. `channels` is 1 or 3, all equal.
    Observations are [channels, 64, 64], 0 and 1. Raises UserError for more states than pixels.
    """

    def __init__(self, states: int = 33, small_ball: bool = False, channels: int = 1) -> None:
        edition = SMALL_BALL if small_ball else STANDARD
        self._margin = int(edition.radius) + 1
        places = SIZE + 1 - 2 * self._margin
        if not 2 <= states <= places:
            raise UserError(f"the disc of this torus has {places} places along each axis: choose 2 to {places} states, not {states}")
        if channels not in (1, 3):
            raise UserError(f"the torus has 1 or 3 channels, not {channels}")
        self.name = f"{edition.name}-torus"
        self.provenance = f"rendered: FlatLand's disc on an exact torus of {states} x {states} places, version {VERSION}"
        self.observation_shape = (channels, SIZE, SIZE)
        self.factors = GridTable(FactorSpace(("x", "y"), (states, states), ("circular", "circular")))
        self._places = self._margin + np.arange(states) * places // states
        self._disc = Disc(edition.drawn_radius)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., channels, 64, 64] float32. `rng` is left alone."""
        places = self._places[self.factors[np.asarray(indices)]]
        return self._disc.draw(places[..., 0], SIZE - places[..., 1], self.observation_shape[0])

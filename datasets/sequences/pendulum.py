"""A swinging rod in front of a black ground, like the pendulum that VDSM was shown (Vowels et al. 2021, arXiv 2103.07292).

theta'' = -w^2 sin theta, solved exactly: released at rest at amplitude A, theta(t) = 2 arcsin(k sn(K + w t | k^2)) with
k = sin(A / 2), sn the elliptic sine and K a quarter of its period (Abramowitz and Stegun 1964, chapter 16).

Differs from the released code: the released code has no pendulum, and of its data there are pictures of what a model generated.
Pivot, length, thickness, colours, amplitude and speed are measured on those (intersection over union of the rods: 0.90).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from scipy.special import ellipj, ellipk
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from datasets.packed_cache import packed_array
from datasets.sequences.sequence_dataset import Sequences, by_frame

SIZE, FRAMES = 64, 60
COLOURS = ((255, 0, 0), (191, 0, 191), (191, 191, 0), (0, 191, 191), (255, 127, 14))
"""Red, magenta, yellow, cyan and orange, as matplotlib names them r, m, y, c and tab:orange."""
SPEEDS = (0.08, 0.115, 0.165)
"""w, radians per frame; the middle one is that of the pictures (half a period of 32 frames at 89 degrees)."""
AMPLITUDES = np.radians((30, 42, 54, 66, 78, 90))
PHASES = 8
"""Equal parts of a period, in time, by which sequences begin later."""
PIVOT_X, PIVOT_Y, ROD, ROD_HALF_WIDTH, DISC_RADIUS = 33.4, 24.0, 20.7, 2.3, 3.5
"""Pixels; x to the right, y down, from the corner of the image: the centre of its first pixel is at (0.5, 0.5)."""
VERSION = 1
"""To be raised whenever any image changes: stored layers carry it."""

SPACE = FactorSpace(
    names=("colour", "speed", "amplitude", "phase", "frame"),
    sizes=(len(COLOURS), len(SPEEDS), len(AMPLITUDES), PHASES, FRAMES),
    kinds=("categorical", "ordinal", "ordinal", "circular", "ordinal"),
)


class Pendulum(FactorAccess):
    """720 sequences of 60 frames [3, 64, 64] from 0 to 1: who swings is its colour, how it swings its speed, amplitude and phase."""

    name = "rendered-pendulum"
    provenance = f"rendered: a pendulum after pictures that VDSM generated, version {VERSION}"
    observation_shape = (3, SIZE, SIZE)

    def __init__(self) -> None:
        self.factors = GridTable(SPACE)

    @cached_property
    def sequences(self) -> Sequences:
        return by_frame(self.factors)

    @cached_property
    def _masks(self) -> np.ndarray:
        """Coverage of every pixel by the pendulum, for all motions and frames: [8640, 64, 64] uint8 (35 MB, drawn in a second)."""
        shape = (len(SPEEDS) * len(AMPLITUDES) * PHASES * FRAMES, SIZE, SIZE)
        return packed_array("pendulum-masks", f"rendered, version {VERSION}", shape, _draw_all)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone."""
        indices = np.asarray(indices)
        colour, motion = np.divmod(indices.ravel(), len(self._masks))
        masks = torch.from_numpy(self._masks[motion]).to(torch.float32).div_(255)
        colours = torch.tensor(COLOURS, dtype=torch.float32).div_(255)[torch.from_numpy(colour)]
        return (masks[:, None] * colours[:, :, None, None]).view(*indices.shape, *self.observation_shape)


def angles(speed: np.ndarray, amplitude: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Angle from hanging down, in radians, of pendulums released at rest at `amplitude` (0 to pi), `time` later; arrays broadcast."""
    modulus = np.sin(amplitude / 2)
    sine = ellipj(ellipk(modulus**2) + speed * time, modulus**2)[0]
    return 2 * np.arcsin(np.clip(modulus * sine, -1, 1))


def period(speed: np.ndarray, amplitude: np.ndarray) -> np.ndarray:
    """Time of a swing there and back."""
    return 4 * ellipk(np.sin(amplitude / 2) ** 2) / speed


def drawn(theta: np.ndarray) -> np.ndarray:
    """Coverage of the pixels, from 0 to 1, by pendulums at `theta` [B], positive to the right: [B, 64, 64]."""
    along = np.stack([np.sin(theta), np.cos(theta)])[..., None, None]
    row, column = np.mgrid[:SIZE, :SIZE].astype(np.float64)
    x, y = column + 0.5 - PIVOT_X, row + 0.5 - PIVOT_Y
    down = x * along[0] + y * along[1]
    across = x * along[1] - y * along[0]
    beyond = down - np.clip(down, 0, ROD)
    to_rod = np.hypot(beyond, across) - ROD_HALF_WIDTH
    to_discs = np.minimum(np.hypot(down, across), np.hypot(down - ROD, across)) - DISC_RADIUS
    return np.clip(0.5 - np.minimum(to_rod, to_discs), 0, 1)


def _draw_all(masks: np.ndarray) -> None:
    speed = np.array(SPEEDS)[:, None, None, None]
    amplitude = AMPLITUDES[:, None, None]
    start = np.arange(PHASES)[:, None] / PHASES * period(speed, amplitude)
    theta = angles(speed, amplitude, start + np.arange(FRAMES)).reshape(-1, FRAMES)
    for sequence, target in zip(theta, masks.reshape(-1, FRAMES, SIZE, SIZE), strict=True):
        target[:] = np.round(255 * drawn(sequence))

"""Real digits that drift through the image and bounce off its edges: our offline counterpart of Moving MNIST.

The digits are the 1,797 scans of 8 x 8 that come with scikit-learn (Alpaydin and Kaynak 1998), drawn 3 pixels wide per scanned one.

Differs from Moving MNIST (Srivastava et al. 2015, arXiv 1502.04681): one digit at a time, other scans, headings and speeds from a
list, so that identity (the digit) and dynamics (heading and speed) are factors that can be asked for.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from datasets.factor_space import FactorSpace
from datasets.factor_tables import FactorTable, ListedTable
from datasets.factored_dataset import FactorAccess
from datasets.sequences.sequence_dataset import Sequences, by_frame
from foundation.randomness import stream

SIZE, FRAMES, SCANS, SCAN = 64, 16, 1797, 8
WIDTH = 3 * SCAN
"""Side of a drawn digit, in pixels."""
HEADINGS = 8
"""Compass directions, from east over south: y points down."""
SPEEDS = (2.0, 3.0, 4.0)
"""Pixels per frame."""

SPACE = FactorSpace(
    names=("image", "digit", "heading", "speed", "frame"),
    sizes=(SCANS, 10, HEADINGS, len(SPEEDS), FRAMES),
    kinds=("categorical", "categorical", "circular", "ordinal", "ordinal"),
)


class MovingDigits(FactorAccess):
    """43,128 sequences of 16 frames [1, 64, 64] from 0 to 1, every scan with every heading and speed.

    Where a sequence starts is no factor: it is drawn once, from `seed`.
    """

    name = "moving-digits"
    provenance = "real digits of scikit-learn (Alpaydin and Kaynak 1998), set in motion"
    observation_shape = (1, SIZE, SIZE)

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    @cached_property
    def _scans(self) -> tuple[np.ndarray, np.ndarray]:
        """Scans [1797, 8, 8] float32 from 0 to 1, and which digit each shows."""
        from sklearn.datasets import load_digits  # takes a second to import: only those who look at digits wait

        images, digits = load_digits(return_X_y=True)
        return (images.reshape(-1, SCAN, SCAN) / 16).astype(np.float32), digits

    @cached_property
    def factors(self) -> FactorTable:  # type: ignore[override]  # which digit a scan shows stands in the file
        motion = np.indices((SCANS, HEADINGS, len(SPEEDS), FRAMES)).reshape(4, -1)
        return ListedTable(np.column_stack([motion[0], self._scans[1][motion[0]], *motion[1:]]), SPACE)

    @cached_property
    def sequences(self) -> Sequences:
        return by_frame(self.factors)

    @cached_property
    def _starts(self) -> np.ndarray:
        """Left and top of the digit in the first frame, in pixels: [sequences, 2]."""
        return stream(self._seed, "moving digits").uniform(0, SIZE - WIDTH, (SCANS * HEADINGS * len(SPEEDS), 2))

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 1, 64, 64] float32. `rng` is left alone."""
        indices = np.asarray(indices)
        flat = indices.ravel()
        image, _, heading, speed, frame = self.factors[flat].T
        angle = 2 * np.pi * heading / HEADINGS
        way = (np.array(SPEEDS)[speed] * frame)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        place = bounced(self._starts[flat // FRAMES] + way, SIZE - WIDTH)
        images = drawn(self._scans[0][image], place)
        return torch.from_numpy(images).view(*indices.shape, *self.observation_shape)


def bounced(place: np.ndarray, room: float) -> np.ndarray:
    """Positions on an endless line, folded into 0 to `room` as walls send them back."""
    return room - np.abs(place % (2 * room) - room)


def drawn(scans: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Scans [B, 8, 8] drawn with their left and top at `place` [B, 2], to fractions of a pixel: [B, 64, 64] float32.

    Between scanned points values go over in straight lines, beyond the outermost ones down to black.
    """
    row = _weights(place[:, 1])
    column = _weights(place[:, 0])
    # Stacked products are taken one by one, so that a picture does not depend on its batch.
    return np.matmul(np.matmul(row, scans), column.transpose(0, 2, 1))


def _weights(place: np.ndarray) -> np.ndarray:
    """How much of each scanned line shows in each line of the picture: [B, 64, 8] float32."""
    line = (np.arange(SIZE) - place[:, None] + 0.5) * SCAN / WIDTH - 0.5
    return np.maximum(0, 1 - np.abs(line[..., None] - np.arange(SCAN))).astype(np.float32)

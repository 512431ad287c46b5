"""White discs on black, 64 x 64 pixels: the ball of FlatLand as it is drawn."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from datasets.reopened import Reopened

SIZE = 64


class Disc(Reopened):
    """A pixel is white where its centre lies less than `radius` pixels from the centre of the disc."""

    def __init__(self, radius: float) -> None:
        self.radius = radius

    @cached_property
    def _windows(self) -> np.ndarray:
        """All pictures of the disc, [65, 65, 64, 64], as windows of one canvas [128, 128] that hold no memory of their own."""
        offset = np.arange(2 * SIZE) + 0.5 - SIZE
        canvas = (np.hypot(offset[:, None], offset) < self.radius).astype(np.float32)
        return np.lib.stride_tricks.sliding_window_view(canvas, (SIZE, SIZE))

    def draw(self, columns: np.ndarray, rows: np.ndarray, channels: int) -> Tensor:
        """Discs with their centres on the corners of pixels, at `columns` from the left and `rows` from the top, both [...] from
        0 to 64: [..., channels, 64, 64] float32, 0 and 1, channels equal."""
        images = np.ascontiguousarray(self._windows[SIZE - rows, SIZE - columns][..., None, :, :])
        return torch.from_numpy(images if channels == 1 else np.repeat(images, channels, axis=-3))

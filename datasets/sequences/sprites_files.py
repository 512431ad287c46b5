"""Files k.sprite: a dictionary that torch saved, of five labels and the pictures of a sequence. Only tensors and numbers are loaded."""

from __future__ import annotations

import pickle  # noqa: TID251 - the name of an exception, nothing else
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from foundation.errors import UserError

FRAMES = 8
LABELS = {"body": 7, "shirt": 4, "pant": 5, "hair": 6, "action": 9}
"""Keys of the labels as they are stored, and the number of values at most."""
PICTURES = (FRAMES, 3, 64, 64)


def read_labels(files: Sequence[Path]) -> np.ndarray:
    """Labels of the files: [S, 5] int64. Raises UserError for a file that is damaged or holds something else."""
    return np.array([[_label(path, content, key) for key in LABELS] for path in files for content in [_opened(path)]], dtype=np.int64)


def read_pictures(files: Sequence[Path], pictures: np.ndarray) -> None:
    """Fills `pictures` [S, 8, 3, 64, 64] uint8 from values between -1 and 1. Raises UserError as `read_labels` does."""
    for path, target in zip(files, pictures, strict=True):
        values = _opened(path).get("sprite")
        if not isinstance(values, torch.Tensor) or tuple(values.shape) != PICTURES or not values.is_floating_point():
            raise _foreign(path, f"its sprite is no tensor of numbers {list(PICTURES)}")
        low, high = float(values.min()), float(values.max())
        if not (low >= -1.001 and high <= 1.001):
            raise _foreign(path, f"its sprite goes from {low:g} to {high:g}, not from -1 to 1")
        target[:] = values.to(torch.float32).add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8).numpy()


def _opened(path: Path) -> dict[str, object]:
    try:
        # Mapped tensors are not read until they are looked at: labels alone cost a hundredth.
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, TypeError, IndexError, AttributeError, pickle.UnpicklingError) as error:
        first = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise _foreign(path, f"it is cut, damaged, or holds more than numbers ({first})") from error
    if not isinstance(content, dict):
        raise _foreign(path, f"it holds a {type(content).__name__}, no dictionary")
    return content


def _label(path: Path, content: dict[str, object], key: str) -> int:
    value = content.get(key)
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        value = value.item()
    if not isinstance(value, int) or not 0 <= value < LABELS[key]:
        raise _foreign(path, f"its {key} is {value!r:.40}, not a whole number from 0 to {LABELS[key] - 1}")
    return value


def _foreign(path: Path, reason: str) -> UserError:
    return UserError(
        f"sprites: {path} is not as published: {reason}; it must be a dictionary saved by torch of {', '.join(LABELS)} and "
        f"sprite {list(PICTURES)}; copy it again"
    )

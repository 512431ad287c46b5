"""Pictures of a scene with one dyed object in it: ready pictures, and a small window in each where the object is put in.

In its window the object leaves some of the picture behind it (`kept`: all, what is beside its edge, what is in its shadow) and adds
its own light in its colour. So all colours of all objects in all scenes take little more room than the scenes. Windows begin at
every eighth pixel of a row: eight pixels are one word, and a few words are fetched and put back.
"""

from __future__ import annotations

import numpy as np

SIZE = 64
WORD = 8
"""Pixels of a word."""
_WORDS = SIZE // WORD


def window_starts(pixels: np.ndarray, side: int) -> np.ndarray:
    """Windows of side x side pixels around `pixels` [..., 2] (to the right, down) of pictures of 64: first words [...] int64."""
    left = np.clip(np.rint((pixels[..., 0] - side / 2) / WORD), 0, _WORDS - side // WORD)
    top = np.clip(np.rint(pixels[..., 1] - side / 2), 0, SIZE - side)
    return (top * _WORDS + left).astype(np.int64)


def window_corner(start: int) -> tuple[int, int]:
    """Row and column of the first pixel of a window."""
    return start // _WORDS, start % _WORDS * WORD


def quantised(kept: np.ndarray, light: np.ndarray, dyes: np.ndarray) -> np.ndarray:
    """Layers of a window from shares and light from 0 to 1, [..., side * side] each: [..., 2, side * side] uint8.

    They are such that no picture exceeds 255 under any of `dyes` [M, 3], from 0 to 1.
    """
    left = np.rint(255 * np.clip(kept, 0, 1))
    return np.stack([left, np.minimum(np.rint(255 * light), (255 - left) / dyes.max())], axis=-2).astype(np.uint8)


def paste(pictures: np.ndarray, starts: np.ndarray, layers: np.ndarray, dyes: np.ndarray) -> None:
    """Puts objects into `pictures` [B, 3, 4096] uint8, in place.

    `starts` [B] are first words of windows, `layers` [B, 2, side * side] uint8 what is kept and the light, `dyes` [B, 3] from 0 to 1.
    """
    side = int(layers.shape[2] ** 0.5)
    count, each = len(pictures), SIZE * _WORDS
    words = pictures.view(np.uint64).reshape(count * 3 * each)
    inside = (np.arange(side)[:, None] * _WORDS + np.arange(side // WORD)).ravel()
    channels = each * np.arange(3 * count).reshape(count, 3, 1)
    places = starts[:, None, None] + channels + inside
    behind = words[places].view(np.uint8)
    kept, light = layers[:, :1].astype(np.uint16), layers[:, 1:].astype(np.uint16)
    # Rounded so that 255 keeps every level as it is.
    mixed = (behind * kept + np.uint16(255)) >> 8
    mixed += (light * np.rint(256 * dyes).astype(np.uint16)[..., None]) >> 8
    words[places] = mixed.astype(np.uint8).view(np.uint64)

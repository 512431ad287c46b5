"""Pictures of your own behind the objects of a data set: a folder of images, or an array.

Source: Painter et al. 2020 (arXiv 2008.07922), who put ten pictures of CIFAR-10 behind dSprites and FlatLand; `BackgroundRelease`
is theirs, given ten pictures of CIFAR-10. Pictures are laid together as light is: out = 1 - (1 - image)(1 - picture), so that they
show where an image is black, and vanish where it is white.

Differs from the released code: any local pictures will do, and nothing is fetched; all of them are used, as bright as `strength`
says, resized with a filter (there ten, darkened by 0.1 so that black turns darker than black, every second pixel twice).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from datasets.factored_dataset import FactoredDataset
from datasets.noise import NoisyDataset
from foundation.errors import UserError
from foundation.randomness import stream

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")


class Background(NoisyDataset):
    """Each observation gets one of `pictures`, at random: the path of a folder of images, or uint8 [P, H, W] or [P, H, W, 3].

    They are resized to the observations, and grey (the mean of their channels) where those have one channel. `strength` from 0
    to 1 darkens them. Pictures are read when the first observation is drawn. Raises UserError where there are none.
    """

    kind = "background"
    resampling = Image.Resampling.BILINEAR

    def __init__(self, dataset: FactoredDataset, pictures: str | np.ndarray, strength: float = 0.5, shared: bool = True) -> None:
        super().__init__(dataset, shared)
        if not 0 <= strength <= 1:
            raise UserError(f"the strength of a background lies between 0 and 1, not {strength:g}")
        self.pictures = pictures
        self.strength = strength

    def described(self) -> str:
        where = f"of {self.pictures}" if isinstance(self.pictures, str) else f"from an array of {len(self.pictures)}"
        return f"pictures {where} in the background"

    @cached_property
    def levels(self) -> Tensor:
        """The pictures as they are laid behind images, [P, C, H, W] from 0 to 1."""
        return self._resized().mul_(self.strength)

    def disturbed(self, images: Tensor, lead: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        chosen = torch.from_numpy(np.asarray(rng.integers(0, len(self.levels), lead)))
        return images.neg_().add_(1).mul_(1 - self.levels[chosen]).neg_().add_(1)

    def _resized(self) -> Tensor:
        """All pictures in the shape of the observations: [P, C, H, W] from 0 to 1."""
        channels, height, width = self.observation_shape
        resized = []
        for picture in _opened(self.pictures):
            pixels = np.asarray(picture.convert("RGB").resize((width, height), self.resampling), dtype=np.float32) / 255
            resized.append(pixels.transpose(2, 0, 1) if channels == 3 else pixels.mean(axis=2)[None])
        return torch.from_numpy(np.stack(resized))


class BackgroundRelease(Background):
    """What the release does: `count` of the pictures, chosen by `seed`, less 0.1, magnified by repeating pixels, shared by a pair."""

    kind = "background-release"
    resampling = Image.Resampling.NEAREST

    def __init__(self, dataset: FactoredDataset, pictures: str | np.ndarray, count: int = 10, seed: int = 0) -> None:
        super().__init__(dataset, pictures, strength=1.0, shared=True)
        self.count = count
        self.seed = seed

    @cached_property
    def levels(self) -> Tensor:
        pictures = self._resized()
        chosen = stream(self.seed, "backgrounds").permutation(len(pictures))[: self.count]
        return pictures[torch.from_numpy(chosen)].sub_(0.1)


def _opened(pictures: str | np.ndarray) -> list[Image.Image]:
    """The pictures of a folder, by name, or of an array."""
    if isinstance(pictures, str):
        folder = Path(pictures)
        if not folder.is_dir():
            raise UserError(f"there is no folder {pictures} of background pictures")
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
        if not paths:
            raise UserError(f"{pictures} holds no pictures ({', '.join(ENDINGS)})")
        return [_read(path) for path in paths]
    if pictures.dtype != np.uint8 or not len(pictures) or (pictures.ndim != 3 and pictures.shape[3:] != (3,)):
        shape = f"{pictures.dtype} {list(pictures.shape)}"
        raise UserError(f"background pictures must be uint8 [P, H, W] or [P, H, W, 3], at least one, not {shape}")
    return [Image.fromarray(picture) for picture in pictures]


def _read(path: Path) -> Image.Image:
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(f"cannot read the background picture {path}: {error}; remove it or save it again") from error

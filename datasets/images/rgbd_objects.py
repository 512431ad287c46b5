"""RGB-D Objects (Lai, Bo, Ren and Fox 2011): household objects on a turntable, in colour or in depth, cut out by their masks.

Differs from the released loader (Dapueto et al. 2024, arXiv 2409.18017), unless `paper` is set: pictures are padded to a true
square (there a tall one is padded taller, and squashed) and shrunk with a filter (there without); depth is in metres, cut at 4
and masked (there the high byte of the millimetres times 63.75, cut to eight bits: some five levels, no mask); an empty mask is
an empty picture (there a division by zero). What it calls azimuth is the height of the camera.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from datasets.data_folder import published_path
from datasets.image_files import packed_pictures
from datasets.images.rgbd_objects_files import COLOUR, DEPTH, MASK, listed_frames, read_colour, read_mask, read_millimetres
from datasets.images.square_pictures import padded_as_released, resized, resized_to_nearest, resized_without_filter, squared
from datasets.packed_images import PackedImages, gathered
from foundation.errors import UserError

CATEGORIES = 51
VIDEOS = (1, 2, 4)
MOST_METRES = 4.0
SIZE = 64
_EXAMINED = 200


class RGBDObjects(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1: colours, or, with `depth`, metres / 4 in three equal channels (0: not measured).

    `masked` leaves only the object. `paper` shows what the released loader does instead (colour masked, depth not).
    `every_instance` takes all instances of a category instead of the first. `evaluation` reads the folder eval instead of train.
    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError where there are none.
    """

    observation_shape = (3, SIZE, SIZE)

    def __init__(
        self,
        depth: bool = False,
        masked: bool = True,
        paper: bool = False,
        every_instance: bool = False,
        evaluation: bool = False,
        root: str | None = None,
    ) -> None:
        self.name = "rgbd_objects_depth" if depth else "rgbd_objects"
        self._depth, self._paper = depth, paper
        self._masked = not depth if paper else masked
        folder = published_path(self.name, _places(evaluation), root)
        kinds = (DEPTH if depth else COLOUR, *((MASK,) if self._masked else ()))
        self._frames = listed_frames(self.name, folder, kinds, every_instance)
        self.factors = self._frames.factors
        self.provenance = f"published file {folder}" + ("; as the released loader shows it" if paper else "")

    def pack(self) -> np.ndarray:
        """Colours [N, 3, 64, 64], depth in millimetres as the two bytes of [N, 1, 64, 64 * 2], or the paper's levels [N, 1, 64, 64]."""
        ending, channels, width = COLOUR, 3, SIZE
        if self._depth:
            ending, channels, width = DEPTH, 1, SIZE if self._paper else 2 * SIZE
        files = [stem + ending for stem in self._frames.stems]
        preprocessing = f"depth {self._depth}, masked {self._masked}, paper {self._paper}, version 1"
        return packed_pictures(self.name, self._frames.folder, files, (channels, SIZE, width), preprocessing, self._decoded)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone. The first call unpacks the published files, once for all runs."""
        indices = np.asarray(indices)
        if self._depth and not self._paper:
            millimetres = self.images[indices.ravel()].view("<u2").astype(np.float32)
            images = torch.from_numpy(millimetres).div_(1000 * MOST_METRES)
        else:
            images = gathered(self.images, indices.ravel())
        return images.expand(-1, 3, -1, -1).contiguous().view(*indices.shape, *self.observation_shape)

    def _decoded(self, path: Path) -> np.ndarray:
        if self._depth:
            millimetres = read_millimetres(path)
            return _paper_depth(millimetres)[None] if self._paper else self._clean_depth(millimetres, path)
        colours = read_colour(path)
        mask = read_mask(_beside(path, MASK), colours.shape) if self._masked else np.ones(colours.shape[:2], np.uint8)
        image = _paper_colours(colours, mask) if self._paper else resized(squared(np.where(mask[..., None] > 0, colours, 0)), SIZE)
        return image.transpose(2, 0, 1)

    def _clean_depth(self, millimetres: np.ndarray, path: Path) -> np.ndarray:
        """Mean depth of the pixels measured; 0 where these are less than half. As bytes [1, 64, 128]."""
        measured = millimetres > 0
        if self._masked:
            measured &= read_mask(_beside(path, MASK), millimetres.shape) > 0
        cut = np.minimum(millimetres, int(1000 * MOST_METRES))
        total, share = (resized(squared(plane.astype(np.float32)), SIZE) for plane in (cut * measured, measured))
        mean = np.divide(total, share, out=np.zeros_like(total), where=share >= 0.5)
        return np.rint(np.minimum(mean, 1000 * MOST_METRES)).astype("<u2").view(np.uint8)[None]


def _paper_colours(colours: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """[64, 64, 3] uint8: only what has the mask's highest level is kept."""
    image = resized_without_filter(padded_as_released(colours), SIZE)
    kept = resized_to_nearest(padded_as_released(mask), SIZE)
    return image * (kept // max(int(kept.max()), 1))[..., None]


def _paper_depth(millimetres: np.ndarray) -> np.ndarray:
    """[64, 64] uint8: the high byte times 63.75, its fraction and what exceeds eight bits cut off."""
    levels = ((millimetres >> 8) * 63.75).astype(np.int64).astype(np.uint8)
    return resized_without_filter(padded_as_released(levels)[..., None], SIZE)[..., 0]


def _beside(path: Path, ending: str) -> Path:
    """The file of the same frame with another ending."""
    return path.with_name(path.name.rsplit("_", 1)[0] + "_" + ending)


def _places(evaluation: bool) -> list[str]:
    return ["rgbd-objects/eval"] if evaluation else ["rgbd-objects/train", "rgbd-dataset"]


def check(root: str | None) -> list[str]:
    """What differs from the published files (colour, depth, masks), a line each. Decodes some 200 frames, spread over all.

    Raises UserError where there are none.
    """
    folder = published_path("rgbd_objects", _places(False), root)
    frames = listed_frames("rgbd_objects", folder, (COLOUR, DEPTH, MASK), every_instance=True)
    categories, videos = frames.factors.space.sizes[0], np.unique(frames.factors[np.arange(len(frames.factors))][:, 2]) + 1
    differences = []
    if categories != CATEGORIES:
        differences.append(f"{folder} holds {categories} categories, not {CATEGORIES}")
    if not set(videos.tolist()) <= set(VIDEOS):
        differences.append(f"{folder} holds the videos {', '.join(map(str, videos))}, not 1, 2 and 4")
    if frames.incomplete:
        differences.append(f"{folder}: {len(frames.incomplete)} frames lack {DEPTH} or {MASK}, {frames.incomplete[0]} first")
    for row in np.unique(np.linspace(0, len(frames.stems) - 1, _EXAMINED).astype(np.int64)):
        stem = folder / frames.stems[row]
        try:
            shape = read_colour(stem.with_name(stem.name + COLOUR)).shape[:2]
            read_mask(stem.with_name(stem.name + MASK), shape)
            depth = read_millimetres(stem.with_name(stem.name + DEPTH))
            if depth.shape != shape:
                differences.append(f"{stem}{DEPTH} is {list(depth.shape)}, its picture {list(shape)}")
        except UserError as error:
            differences.append(str(error))
    return differences

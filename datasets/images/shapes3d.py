"""Shapes3D (Burgess and Kim 2018): an object in a room, six factors, 480,000 images.

The published file is read where it is; otherwise images are put together from rendered layers (83 MB, memory-mapped).

Differs from the released code: an index is taken apart by division, so that all combinations occur (the released arithmetic
reaches one in two); images stay bytes until a batch is made (there all are held as floats, 23.6 GB).
"""

from __future__ import annotations

import logging
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactorAccess
from datasets.images import shapes3d_file, shapes3d_renderer
from datasets.images.shapes3d_file import PublishedImages
from datasets.packed_cache import CacheUnwritable, cache_folder, packed_array, stored_array

logger = logging.getLogger(__name__)

_GEOMETRIES = shapes3d_renderer.SCALES * shapes3d_renderer.SHAPES * shapes3d_renderer.ORIENTATIONS


class Shapes3D(FactorAccess):
    """Observations are [3, 64, 64] from 0 to 1.

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA);
    where it has no Shapes3D, or is empty, the images are rendered.
    `packed` says whether a published file is copied once into a flat array (5.9 GB in the cache folder), from which batches
    are some hundred times faster; None does so where the file is laid out in chunks of many images, as the published one is.
    Raises UserError for a damaged file when it is read.
    """

    name = "3dshapes"
    observation_shape = (3, 64, 64)

    def __init__(self, packed: bool | None = None, root: str | None = None) -> None:
        self.factors = GridTable(shapes3d_file.SPACE)
        self._packed = packed
        self._root = root

    @cached_property
    def provenance(self) -> str:
        published = shapes3d_file.find(self._root)
        return f"published file {published}" if published else f"rendered: Shapes3D ray caster, version {shapes3d_renderer.VERSION}"

    @cached_property
    def _published(self) -> PublishedImages | np.ndarray | None:
        """Images by index, or None where they are rendered."""
        path = shapes3d_file.find(self._root)
        if path is None:
            return None
        images = PublishedImages(path)
        if not (images.dear() if self._packed is None else self._packed):
            return images

        def copy(target: np.ndarray) -> None:
            logger.warning("%s is copied into %s once (%.1f GB)", path, cache_folder(), target.nbytes / 1e9)
            images.copy(target)

        try:
            return stored_array("3dshapes", images.identity(), (shapes3d_file.rows(), *self.observation_shape), copy)
        except CacheUnwritable as reason:
            logger.warning("%s; 3dshapes is read image by image, which is slow: set FOVEA_CACHE", reason)
            return images

    @cached_property
    def _layers(self) -> np.ndarray:
        shape = (_GEOMETRIES, shapes3d_renderer.LAYERS, shapes3d_renderer.SIZE**2)
        return packed_array("3dshapes-layers", f"rendered, version {shapes3d_renderer.VERSION}", shape, shapes3d_renderer.render_all)

    def observations(self, indices: np.ndarray, rng: np.random.Generator) -> Tensor:
        """[...] -> [..., 3, 64, 64] float32. `rng` is left alone. The first call opens the file or renders (some seconds)."""
        indices = np.asarray(indices)
        flat = indices.ravel()
        published = self._published
        images = published[flat] if published is not None else shapes3d_renderer.compose(self._layers, self.factors[flat])
        return torch.from_numpy(images).to(torch.float32).div_(255).view(*indices.shape, *self.observation_shape)

"""MPI3D (Gondal et al. 2019, arXiv 1906.03292): a robot arm with an object, seven factors; toy, realistic, real and real complex.

The published npz (some 12 GB of pixels) is streamed once into a packed store of as many bytes. An edition of fewer images, that
of the challenge at NeurIPS 2019, lies under the same name: the number of images in the file says which it is.

Differs from the released code (disentanglement_lib): that takes fixed sizes (4, 4, ... for toy and realistic, 6, 6, ... for real)
whatever the file holds, so that with the full edition the factors are wrong; and it holds all images as float64.
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path

import numpy as np

from datasets.data_folder import found, published_path
from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.npz_rows import NpzRows, Unreadable, npz_rows
from datasets.packed_images import PackedImages, large_store
from foundation.errors import UserError
from foundation.progress import progress

NAMES = ("object_color", "object_shape", "object_size", "camera_height", "background_color", "horizontal_axis", "vertical_axis")
KINDS = ("categorical", "categorical", "ordinal", "ordinal", "categorical", "ordinal", "ordinal")
FULL, FEWER = (6, 6, 2, 3, 3, 40, 40), (4, 4, 2, 3, 3, 40, 40)
SIZES = {"toy": (FULL, FEWER), "realistic": (FULL, FEWER), "real": (FULL,), "real_complex": (FEWER,)}
"""Sizes of the factors that each set is published with."""

CHALLENGE = "sim_toy_64x_ordered_without_heldout_factors.npz"
CHUNK_ROWS = 2000
_IMAGE_SHAPE = (64, 64, 3)


class MPI3D(PackedImages):
    """Observations are [3, 64, 64] from 0 to 1. `edition` is toy, realistic, real or real_complex.

    `root` is the folder of the published files (default: the environment variable DISENTANGLEMENT_TRANSFER_DATA).
    Raises UserError for an unknown edition, an absent file, and, when it is read, for a damaged one or an unknown number of images.
    """

    observation_shape = (3, 64, 64)

    def __init__(self, edition: str = "toy", root: str | None = None) -> None:
        self.name = f"mpi3d_{edition}"
        self._edition = edition
        self._path = _path(edition, root)

    @property
    def provenance(self) -> str:
        return f"published file {self._path}"

    @cached_property
    def factors(self) -> GridTable:  # type: ignore[override]  # the file says the sizes, when they are first asked for
        try:
            with npz_rows(self._path, "images") as images:
                return GridTable(_space(self._edition, images))
        except Unreadable as reason:
            raise _refusal(self._edition, self._path, reason) from reason

    def pack(self) -> np.ndarray:
        shape = (len(self.factors), *self.observation_shape)
        with npz_rows(self._path, "images") as images:
            identity = images.identity

        def fill(store: np.ndarray) -> None:
            try:
                with npz_rows(self._path, "images") as images, progress(f"{self.name} is unpacked once", len(store), "image") as advance:
                    for start, rows in images.chunks(CHUNK_ROWS):
                        store[start : start + len(rows)] = rows.transpose(0, 3, 1, 2)
                        advance(len(rows))
            except Unreadable as reason:
                raise _refusal(self._edition, self._path, reason) from reason

        return large_store(self.name, identity, shape, fill)


def check(root: str | None, edition: str | None = None) -> list[str]:
    """What differs from the published file of an edition (None: of each that is there), one line each.

    Read are its directory, the header of its array, and its first images. Raises UserError where there is none.
    """
    editions = [edition] if edition else [name for name in SIZES if found(_places(name), root)] or ["toy"]
    return [line for one in editions for line in _differences(one, _path(one, root))]


def _differences(edition: str, path: Path) -> list[str]:
    try:
        with npz_rows(path, "images") as images:
            _space(edition, images)
            _, first = next(images.chunks(CHUNK_ROWS))
    except Unreadable as reason:
        return [f"{path}: {reason}"]
    return [] if first.max() > 1 else [f"{path}: the first images go from {first.min()} to {first.max()}, not to 255"]


def _places(edition: str) -> list[str]:
    name = f"mpi3d_{edition}"
    places = [f"{name}/{name}.npz", f"{name}.npz", f"mpi3d/{name}.npz"]
    return places + ([f"{name}/{CHALLENGE}", CHALLENGE] if edition == "toy" else [])


def _path(edition: str, root: str | None) -> Path:
    if edition not in SIZES:
        raise UserError(f"MPI3D has no edition {edition!r}; editions are {', '.join(SIZES)}")
    return published_path(f"mpi3d_{edition}", _places(edition), root)


def _space(edition: str, images: NpzRows) -> FactorSpace:
    """The factors that belong to this number of images."""
    for sizes in SIZES[edition]:
        if images.shape[0] == math.prod(sizes):
            images.require((math.prod(sizes), *_IMAGE_SHAPE), np.uint8)
            return FactorSpace(NAMES, sizes, KINDS)
    raise Unreadable(f"it holds {images.shape[0]:,} images")


def _refusal(edition: str, path: Path, reason: Unreadable) -> UserError:
    known = " or ".join(f"{math.prod(sizes):,} ({', '.join(map(str, sizes))})" for sizes in SIZES[edition])
    return UserError(
        f"mpi3d_{edition}: {path} is not the published file: {reason}; expected are images [N, 64, 64, 3] uint8 with N = {known}; "
        f"`python prepare_datasets.py fetch mpi3d_{edition}` brings it or says how"
    )

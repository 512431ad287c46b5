"""What a camera sees of an object made of parts: how far, which part, and how bright in the light of some lamps.

Pictures are [size, size], the first row on top. Depth is measured along the axis of the camera, as depth cameras do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datasets.rendered.parts import Part


@dataclass(frozen=True)
class Lens:
    """One ray for each of size x size pixels: `directions` [3, size, size] to the right, down, and forward (1)."""

    size: int
    focal_length: float
    """In pixels."""
    directions: np.ndarray

    @staticmethod
    def of(size: int, angle: float) -> Lens:
        """A lens that sees `angle` degrees across the picture."""
        focal_length = size / 2 / np.tan(np.radians(angle) / 2)
        along = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) / np.float32(focal_length)
        across, down = np.meshgrid(along, along)
        return Lens(size, float(focal_length), np.stack([across, down, np.ones_like(down)]))


@dataclass(frozen=True)
class Camera:
    """`axes` are the camera's directions right, down and forward in the scene, row by row."""

    eye: np.ndarray
    axes: np.ndarray
    lens: Lens

    @staticmethod
    def towards(target: np.ndarray, eye: np.ndarray, lens: Lens) -> Camera:
        """The upright camera at `eye` that faces `target`."""
        forward = (target - eye) / np.linalg.norm(target - eye)
        right = np.cross(forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        axes = np.stack([right, np.cross(forward, right), forward])
        return Camera(eye.astype(np.float32), axes.astype(np.float32), lens)


@dataclass(frozen=True)
class Lamps:
    """Light from all sides, twice as much from above as from below, and from lamps far away: directions towards them [L, 3] in the scene, strengths [L]."""

    ambient: float
    directions: np.ndarray
    strengths: np.ndarray


@dataclass(frozen=True)
class Sight:
    """For each pixel the depth [size, size] float32, infinite where nothing is, and the number of the part there, else -1."""

    depth: np.ndarray
    number: np.ndarray


def look(parts: Sequence[Part], camera: Camera, behind: Sight | None = None) -> Sight:
    """The nearest part in every pixel; `behind` is what has been seen already: its numbers stay, those of parts go on from 0."""
    size = camera.lens.size
    depth = np.full((size, size), np.inf, np.float32) if behind is None else behind.depth.copy()
    number = np.full((size, size), -1, np.int8) if behind is None else behind.number.copy()
    corners = (np.stack([part.corners for part in parts]) - camera.eye) @ camera.axes.T
    pixels = corners[..., :2] / corners[..., 2:] * camera.lens.focal_length + size / 2
    first = np.clip(np.floor(pixels.min(axis=1)), 0, size).astype(int).tolist()
    last = np.clip(np.ceil(pixels.max(axis=1)), 0, size).astype(int).tolist()
    for index, (part, (left, top), (right, bottom)) in enumerate(zip(parts, first, last, strict=True)):
        if left >= right or top >= bottom:
            continue
        window = slice(top, bottom), slice(left, right)
        rays = (part.inverse @ camera.axes.T) @ camera.lens.directions[:, *window].reshape(3, -1)
        distance = part.distance(part.inverse @ (camera.eye - part.place.astype(np.float32)), rays.T)
        distance = distance.reshape(bottom - top, right - left)
        closer = distance < depth[window]
        np.copyto(depth[window], distance, where=closer)
        np.copyto(number[window], index, where=closer)
    return Sight(depth, number)


def shade(
    parts: Sequence[Part], sight: Sight, camera: Camera, lamps: Lamps, target: np.ndarray, shadow: np.ndarray | None = None
) -> None:
    """Writes the colours of `parts`, from 0, into `target` [3, size * size] float32 where one is seen.

    `shadow` [size * size] is the part of the lamps' light, from 0 to 1, that reaches a pixel.
    """
    numbers, depth = sight.number.ravel(), sight.depth.ravel()
    directions = camera.lens.directions.reshape(3, -1)
    lights = lamps.directions.astype(np.float32)
    halfway = lights - camera.axes[2]
    halfway /= np.linalg.norm(halfway, axis=1, keepdims=True)
    for index, part in enumerate(parts):
        seen = np.flatnonzero(numbers == index)
        if not len(seen):
            continue
        rays = (camera.axes.T @ directions[:, seen]) * depth[seen]
        start = part.inverse @ (camera.eye - part.place.astype(np.float32))
        points = (part.inverse @ rays + start[:, None]).T
        normals = part.normals(points)
        facing = np.where((normals.T * rays).sum(axis=0) > 0, np.float32(-1), np.float32(1))
        reach = facing if shadow is None else facing * shadow[seen]
        direct = np.maximum(normals @ lights.T * reach[:, None], 0) @ lamps.strengths.astype(np.float32)
        colours = part.colours(points) * (lamps.ambient * (0.75 + 0.25 * normals[:, 2]) + direct)[:, None]
        if part.gloss:
            sheen = np.maximum(normals @ halfway[0] * reach, 0) ** 24
            colours += (np.float32(part.gloss) * sheen)[:, None]
        target[:, seen] = colours.T

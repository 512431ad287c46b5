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
    """Light from all sides, twice as much from above as from below, and from lamps far away.

    `directions` towards them [L, 3] in the scene, `strengths` [L].
    """

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
    parts: Sequence[Part],
    sights: Sequence[Sight],
    cameras: Sequence[Camera],
    lamps: Sequence[Lamps],
    shadows: np.ndarray | None = None,
) -> np.ndarray:
    """Colours of `parts`, from 0, in K views of one size, each with its lamps: [K, 3, size * size] float32, 0 where none is seen.

    `shadows` [K, size * size] is the share of the lamps' light, from 0 to 1, that reaches a pixel. Many views at once cost less.
    """
    numbers = np.stack([sight.number.ravel() for sight in sights])
    depth = np.stack([sight.depth.ravel() for sight in sights])
    directions = cameras[0].lens.directions.reshape(3, -1)
    ambient = np.array([lamp.ambient for lamp in lamps], np.float32)
    strengths = np.stack([lamp.strengths for lamp in lamps]).astype(np.float32)
    aims = [_aims(camera, lamp) for camera, lamp in zip(cameras, lamps, strict=True)]
    picture = np.zeros((len(sights), directions.shape[1], 3), np.float32)
    for index, part in enumerate(parts):
        view, pixel = np.nonzero(numbers == index)
        counts = np.bincount(view, minlength=len(sights))
        blocks = [slice(end - count, end) for end, count in zip(np.cumsum(counts).tolist(), counts.tolist(), strict=True)]
        reached = directions[:, pixel] * depth[view, pixel]
        points = np.empty((len(view), 3), np.float32)
        starts = [part.inverse @ (camera.eye - part.place.astype(np.float32)) for camera in cameras]
        for block, camera, start in zip(blocks, cameras, starts, strict=True):
            points[block] = ((part.inverse @ camera.axes.T) @ reached[:, block] + start[:, None]).T
        normals = part.normals(points)
        if part.profile is not None and not all(part.lids):
            away = points - np.repeat(starts, counts, axis=0)
            normals *= np.where(((normals @ part.axes.astype(np.float32)) * away).sum(axis=1) > 0, -1, 1)[:, None].astype(np.float32)
        falling = np.empty((len(view), strengths.shape[1] + 1), np.float32)
        for block, aim in zip(blocks, aims, strict=True):
            falling[block] = normals[block] @ aim.T
        falling = np.maximum(falling, 0)
        if shadows is not None:
            falling *= shadows[view, pixel][:, None]
        light = ambient[view] * (0.75 + 0.25 * normals[:, 2]) + (falling[:, :-1] * strengths[view]).sum(axis=1)
        colours = part.colours(points) * light[:, None]
        if part.gloss:
            colours += (np.float32(part.gloss) * falling[:, -1] ** 24)[:, None]
        picture[view, pixel] = colours
    return picture.transpose(0, 2, 1)


def _aims(camera: Camera, lamps: Lamps) -> np.ndarray:
    """Directions to the lamps, and the one whose surfaces show the first lamp as in a mirror: [L + 1, 3]."""
    halfway = lamps.directions[0] - camera.axes[2]
    return np.concatenate([lamps.directions, halfway[None] / np.linalg.norm(halfway)]).astype(np.float32)

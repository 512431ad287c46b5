"""What a camera sees of an object made of parts: how far, which part, and how bright in the light of some lamps.

Pictures are [H, W], the first row on top. Depth is measured along the axis of the camera, as depth cameras do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datasets.rendered.parts import Part

FINER = 2
"""Rays along an edge of a pixel, where pictures are to have soft edges."""


@dataclass(frozen=True)
class Lens:
    """One ray for each pixel: `directions` [3, H, W] to the right, down, and forward (1)."""

    directions: np.ndarray
    focal_length: float
    """In pixels."""
    centre: tuple[float, float]
    """Where the ray straight ahead meets the picture, in pixels to the right and down."""

    @staticmethod
    def of(size: int, angle: float) -> Lens:
        """A lens for pictures of size x size pixels that sees `angle` degrees across."""
        focal_length = size / 2 / np.tan(np.radians(angle) / 2)
        along = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) / np.float32(focal_length)
        across, down = np.meshgrid(along, along)
        return Lens(np.stack([across, down, np.ones_like(down)]), float(focal_length), (size / 2, size / 2))

    def window(self, top: int, left: int, height: int, width: int) -> Lens:
        """The part of the picture that begins `top` pixels down and `left` pixels to the right."""
        directions = self.directions[:, top : top + height, left : left + width]
        return Lens(directions, self.focal_length, (self.centre[0] - left, self.centre[1] - top))


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

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Where points [..., 3] of the scene are seen, in pixels to the right and down: [..., 2]."""
        seen = (points - self.eye) @ self.axes.T
        return seen[..., :2] / seen[..., 2:] * self.lens.focal_length + self.lens.centre


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
    """For each pixel the depth [H, W] float32, infinite where nothing is, and the number of the part there, else -1."""

    depth: np.ndarray
    number: np.ndarray


def look(parts: Sequence[Part], camera: Camera, before: np.ndarray | None = None) -> Sight:
    """The nearest part in every pixel; of parts behind the depth `before` [H, W] nothing is seen."""
    height, width = camera.lens.directions.shape[1:]
    depth = np.full((height, width), np.inf, np.float32) if before is None else before.copy()
    number = np.full((height, width), -1, np.int8)
    pixels = camera.pixels(np.stack([part.corners for part in parts]))
    limits = (width, height)
    first = np.clip(np.floor(pixels.min(axis=1)), 0, limits).astype(int).tolist()
    last = np.clip(np.ceil(pixels.max(axis=1)), 0, limits).astype(int).tolist()
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
    """Colours of `parts`, from 0, in K views of one size, each with its lamps: [K, 3, H * W] float32, 0 where none is seen.

    `shadows` [K, H * W] is the share of the lamps' light, from 0 to 1, that reaches a pixel. Many views at once cost less.
    """
    numbers = np.stack([sight.number.ravel() for sight in sights])
    depth = np.stack([sight.depth.ravel() for sight in sights])
    directions = [camera.lens.directions.reshape(3, -1) for camera in cameras]
    ambient = np.array([lamp.ambient for lamp in lamps], np.float32)
    strengths = np.stack([lamp.strengths for lamp in lamps]).astype(np.float32)
    aims = [_aims(camera, lamp) for camera, lamp in zip(cameras, lamps, strict=True)]
    picture = np.zeros((*numbers.shape, 3), np.float32)
    for index, part in enumerate(parts):
        view, pixel = np.nonzero(numbers == index)
        counts = np.bincount(view, minlength=len(sights))
        blocks = [slice(end - count, end) for end, count in zip(np.cumsum(counts).tolist(), counts.tolist(), strict=True)]
        reached = depth[view, pixel]
        # Three rows in memory: sums over the axes of many points are then sums of rows.
        points = np.empty((3, len(view)), np.float32).T
        starts = [part.inverse @ (camera.eye - part.place.astype(np.float32)) for camera in cameras]
        for block, camera, ahead, start in zip(blocks, cameras, directions, starts, strict=True):
            rays = ahead[:, pixel[block]] * reached[block]
            points.T[:, block] = (part.inverse @ camera.axes.T) @ rays + start[:, None]
        normals = part.normals(points)
        if part.profile is not None and not all(part.lids):
            away = points - np.repeat(starts, counts, axis=0)
            normals *= np.where(((normals @ part.axes.astype(np.float32)) * away).sum(axis=1) > 0, -1, 1)[:, None].astype(np.float32)
        falling = np.empty((strengths.shape[1] + 1, len(view)), np.float32)
        for block, aim in zip(blocks, aims, strict=True):
            falling[:, block] = aim @ normals.T[:, block]
        falling = np.maximum(falling, 0)
        if shadows is not None:
            falling *= shadows[view, pixel]
        light = ambient[view] * (0.75 + 0.25 * normals[:, 2]) + (falling[:-1] * strengths.T[:, view]).sum(axis=0)
        colours = part.colours(points) * light[:, None]
        if part.gloss:
            colours += (np.float32(part.gloss) * falling[-1] ** 24)[:, None]
        picture[view, pixel] = colours
    return picture.transpose(0, 2, 1)


def shaded(parts: Sequence[Part], points: np.ndarray, lamp: np.ndarray) -> np.ndarray:
    """Whether parts stand between points [R, 3] of the scene and a lamp far away in the direction `lamp` [3]: [R] bool."""
    hidden = np.zeros(len(points), bool)
    for part in parts:
        origins = (points - part.place.astype(np.float32)) @ part.inverse.T
        rays = np.broadcast_to((part.inverse @ lamp.astype(np.float32)), origins.shape)
        hidden |= np.isfinite(part.distance(origins, rays))
    return hidden


def _aims(camera: Camera, lamps: Lamps) -> np.ndarray:
    """Directions to the lamps, and the one whose surfaces show the first lamp as in a mirror: [L + 1, 3]."""
    halfway = lamps.directions[0] - camera.axes[2]
    return np.concatenate([lamps.directions, halfway[None] / np.linalg.norm(halfway)]).astype(np.float32)


def pixel_means(rays: np.ndarray) -> np.ndarray:
    """Values of the rays of a square picture [..., P * 4], row by row -> means over the rays of each pixel [..., P] float32."""
    side = int(rays.shape[-1] ** 0.5)
    grid = rays.reshape(*rays.shape[:-1], side, side).astype(np.float32)
    rows = grid[..., ::FINER, :] + grid[..., 1::FINER, :]
    return ((rows[..., ::FINER] + rows[..., 1::FINER]) / FINER**2).reshape(*rays.shape[:-1], -1)

"""Images like those of Shapes3D (Burgess and Kim 2018), by a ray caster: an object in a room, seen from a camera that goes round.

Floor, wall and object are dyed independently, so an image is the sum of one layer each, and the layers of the 480 geometries
(scale, shape, orientation) make all 480,000 images: 83 MB instead of 5.9 GB. A channel of the ten hues has one of six strengths
(0, 0.2 .. 1), which leaves six layers for the floor and six for the object; those of the wall hold the sky too.

Differs from the published file: all constants are fitted to published pictures of 53 images (PSNR 28.2, SSIM 0.89 on average);
the faint texture of floor and walls is left out, and every pixel is the mean of 2 x 2 rays.
"""

from __future__ import annotations

import colorsys

import numpy as np

from datasets.images.shapes3d_scene import FLOOR, OBJECT, RAYS, SKY, WALL, Scene, cast

HUES, SCALES, SHAPES, ORIENTATIONS = 10, 8, 4, 15
SIZE = 64
VERSION = 1
"""To be raised whenever any image changes: stored layers carry it."""

_COLOURS = np.array([colorsys.hsv_to_rgb(hue / HUES, 1, 1) for hue in range(HUES)])
_STRENGTHS = np.round(_COLOURS * 5).astype(np.int64)
_SKY = np.array([153, 226, 249])

LAYERS = 6 + 3 * HUES + 6
"""Layers of a geometry: floor by strength, wall by hue and channel, object by strength."""
FLOOR_LAYER = _STRENGTHS
WALL_LAYER = 6 + np.arange(3 * HUES).reshape(HUES, 3)
OBJECT_LAYER = 6 + 3 * HUES + _STRENGTHS
"""Number of the layer for a hue and a channel, [10, 3]."""


def render_all(layers: np.ndarray) -> None:
    """Fills `layers` [480, LAYERS, 4096] uint8, orientation fastest, in a few seconds."""
    grid = layers.reshape(SCALES, SHAPES, ORIENTATIONS, LAYERS, SIZE * SIZE)
    for place in np.ndindex(SCALES, SHAPES, ORIENTATIONS):
        grid[place] = render_layers(*place)


def render_layers(scale: int, shape: int, orientation: int) -> np.ndarray:
    """Layers of one geometry from its classes: [LAYERS, 4096] uint8. The three layers of an image add up to 255 at most."""
    scene = cast(0.75 + 0.5 * scale / (SCALES - 1), shape, np.radians(-30 + 60 * orientation / (ORIENTATIONS - 1)))
    coverage = np.stack([_pixel_means(scene.material == kind) for kind in (FLOOR, WALL, OBJECT, SKY)])
    # Each material may take up a whole number of levels in proportion to its part of the pixel, 255 in all:
    # otherwise two halves of white, rounded up, would add up to 256.
    room = np.diff(np.round(255 * np.cumsum(coverage, axis=0)), axis=0, prepend=0)
    floor, wall, thing = (np.minimum(_strengths(scene, kind), room[kind]) for kind in (FLOOR, WALL, OBJECT))
    sky = room[SKY] * _SKY[:, None] / 255
    return np.concatenate([floor, *(wall[strengths] + sky for strengths in _STRENGTHS), thing]).round().astype(np.uint8)


def _strengths(scene: Scene, kind: int) -> np.ndarray:
    """What a material adds to a channel of strength 0, 0.2 .. 1: [6, 4096] levels from 0 to 255."""
    here = scene.material == kind
    return np.stack([255 * _pixel_means(here * np.minimum(step / 5 * scene.brightness + scene.sheen, 1)) for step in range(6)])


def _pixel_means(rays: np.ndarray) -> np.ndarray:
    """[16384] values of rays -> [4096] means over the rays of each pixel."""
    each = RAYS // SIZE
    return rays.reshape(SIZE, each, SIZE, each).mean(axis=(1, 3)).ravel()


def compose(layers: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Images [B, 3, 4096] uint8 of `factors` [B, 6] (floor, wall and object hue, scale, shape, orientation)."""
    geometry = (factors[:, 3] * SHAPES + factors[:, 4]) * ORIENTATIONS + factors[:, 5]
    first = geometry[:, None] * LAYERS
    rows = layers.reshape(-1, SIZE * SIZE)
    images = rows[first + FLOOR_LAYER[factors[:, 0]]]
    images += rows[first + WALL_LAYER[factors[:, 1]]]
    images += rows[first + OBJECT_LAYER[factors[:, 2]]]
    return images

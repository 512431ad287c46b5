"""Pictures of a catalogue object that turns on a table before a camera, in front of black.

The camera goes round and the lamps go with it, which looks the same and leaves the object where it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datasets.rendered.camera import Camera, Lamps, Lens, look, shade
from datasets.rendered.parts import Part

VERSION = 1
"""To be raised whenever any picture changes: stored ones carry it."""

_LAMPS = np.array([[-0.45, -0.6, 0.75], [0.9, -0.1, 0.25]])
"""Directions to the main lamp and to a weaker one, to the right, down and towards the camera."""
_STRENGTHS = np.array([0.75, 0.25])
_AMBIENT = 0.28


def camera_at(angle: float, elevation: float, distance: float, lens: Lens) -> Camera:
    """The camera after a turn of the table by `angle` degrees, `elevation` degrees above it, facing the origin."""
    turn, height = np.radians(-angle), np.radians(elevation)
    direction = np.array([np.cos(turn) * np.cos(height), np.sin(turn) * np.cos(height), np.sin(height)])
    return Camera.towards(np.zeros(3), distance * direction, lens)


def photographs(parts: Sequence[Part], cameras: Sequence[Camera]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures [K, 3, size, size] uint8, the object on black; its depth [K, size, size] float32, infinite beside it; where it is."""
    sights = [look(parts, camera) for camera in cameras]
    depth = np.stack([sight.depth for sight in sights])
    covered = np.stack([sight.number for sight in sights]) >= 0
    colours = shade(parts, sights, cameras, [_lamps(camera) for camera in cameras]).reshape(len(cameras), 3, *depth.shape[1:])
    # No pixel of the object is quite black: its outline can be told from the ground.
    levels = np.minimum(colours + np.float32(0.02), 1) * 255 * covered[:, None]
    return levels.astype(np.uint8), depth, covered


def _lamps(camera: Camera) -> Lamps:
    directions = (_LAMPS * (1, 1, -1)) @ camera.axes
    return Lamps(_AMBIENT, directions / np.linalg.norm(directions, axis=1, keepdims=True), _STRENGTHS)

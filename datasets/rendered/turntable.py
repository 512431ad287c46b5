"""Pictures of a catalogue object that turns on a table before a camera, in front of black.

The camera goes round and the lamps go with it, which looks the same and leaves the object where it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datasets.rendered.camera import Camera, Lamps, Lens, Sight, look, shade
from datasets.rendered.parts import Part

_LAMPS = np.array([[-0.45, -0.6, 0.75], [0.9, -0.1, 0.25]])
"""Directions to the main lamp and to a weaker one, to the right, down and towards the camera."""
_STRENGTHS = np.array([0.75, 0.25])
_AMBIENT = 0.28


def camera_at(angle: float, elevation: float, distance: float, lens: Lens) -> Camera:
    """The camera after a turn of the table by `angle` degrees, `elevation` degrees above it, facing the origin."""
    turn, height = np.radians(-angle), np.radians(elevation)
    direction = np.array([np.cos(turn) * np.cos(height), np.sin(turn) * np.cos(height), np.sin(height)])
    return Camera.towards(np.zeros(3), distance * direction, lens)


def photograph(parts: Sequence[Part], camera: Camera) -> tuple[np.ndarray, Sight]:
    """The picture [3, size, size] uint8, black where the object is not, and what was seen where."""
    sight = look(parts, camera)
    directions = (_LAMPS * (1, 1, -1)) @ camera.axes
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    size = camera.lens.size
    picture = np.zeros((3, size * size), np.float32)
    shade(parts, sight, camera, Lamps(_AMBIENT, directions, _STRENGTHS), picture)
    # No pixel of the object is quite black: its outline can be told from the ground.
    picture[:, sight.number.ravel() >= 0] += 0.02
    return (np.minimum(picture, 1) * 255).astype(np.uint8).reshape(3, size, size), sight

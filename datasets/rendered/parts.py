"""Parts of procedural objects: painted blocks and turned pieces (cylinders, cones, balls, bowls), stretched, turned and placed.

Lengths are in units of the scene, z points up. Every part fills the cube from -1 to 1 of its own axes, so that eight corners
tell where it can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from datasets.images.ray_casting import convex, revolved, unit_cube

Triple = tuple[float, float, float]

CYLINDER, BALL, DOME = (0.0, 0.0, 1.0), (-1.0, 0.0, 1.0), (-0.25, -0.5, 0.75)
"""Profiles: radius^2 = a z^2 + b z + c from z = -1 to 1, radius 1 at the widest."""
_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)


def cone(bottom: float, top: float) -> Triple:
    """Profile of a cone that is cut off: its radius goes from `bottom` to `top`, of which one is 1."""
    mean, half = (bottom + top) / 2, (top - bottom) / 2
    return half**2, 2 * mean * half, mean**2


def prism(sides: int, top: float = 1.0) -> np.ndarray:
    """Planes [sides + 2, 4] of an upright prism with this many sides, radius 1 at the bottom and `top` at the top (0: a pyramid)."""
    angles = 2 * np.pi * (np.arange(sides) + 0.5) / sides
    bottom, lean = np.cos(np.pi / sides), (1 - top) / 2 * np.cos(np.pi / sides)
    side = np.stack([np.cos(angles), np.sin(angles), np.full(sides, lean), np.full(sides, bottom - lean)], axis=1)
    return np.concatenate([side, [[0, 0, -1, 1], [0, 0, 1, 1]]]).astype(np.float32)


def waist(middle: float) -> Triple:
    """Profile with radius 1 at both ends and `middle` between them."""
    return 1 - middle**2, 0.0, middle**2


def barrel(ends: float) -> Triple:
    """Profile with radius 1 in the middle and `ends` at both ends."""
    return ends**2 - 1, 0.0, 1.0


@dataclass(frozen=True)
class Part:
    """A point p of the part's own axes lies at place + axes @ p. A part has a profile, or planes (`prism`), or is a block.

    `paint` [6, T, T, 3] float32 from 0 to 1: four sides by the angle around the part's axis, its bottom, its top. `gloss` is the
    strength of highlights.
    """

    axes: np.ndarray
    place: np.ndarray
    paint: np.ndarray
    profile: Triple | None = None
    lids: tuple[bool, bool] = (True, True)
    gloss: float = 0.0
    planes: np.ndarray | None = None

    @cached_property
    def corners(self) -> np.ndarray:
        """Corners of the cube that the part lies in: [8, 3]."""
        return (self.place + _CORNERS @ self.axes.T).astype(np.float32)

    def rims(self) -> np.ndarray:
        """Points [N, 3] of the scene that show how far the part reaches: its corners, or circles around its axis."""
        if self.profile is None:
            return self.corners
        around, height = np.meshgrid(np.linspace(0, 2 * np.pi, 16, endpoint=False), np.linspace(-1, 1, 7))
        bend, slope, level = self.profile
        radius = np.sqrt(np.maximum((bend * height + slope) * height + level, 0))
        points = np.stack([radius * np.cos(around), radius * np.sin(around), height], axis=-1).reshape(-1, 3)
        return self.place + points @ self.axes.T

    @cached_property
    def inverse(self) -> np.ndarray:
        """From the scene to the part's own axes: [3, 3]."""
        return np.linalg.inv(self.axes).astype(np.float32)

    def distance(self, origins: np.ndarray, rays: np.ndarray) -> np.ndarray:
        """Distance [R] along rays of the part's own axes, infinite where they miss."""
        if self.planes is not None:
            return convex(self.planes, origins, rays)
        return unit_cube(origins, rays) if self.profile is None else revolved(self.profile, self.lids, origins, rays)

    def normals(self, points: np.ndarray) -> np.ndarray:
        """Normals [R, 3] in the scene, of length 1, at `points` [R, 3] of the surface in the part's own axes."""
        x, y, z = points.T
        slopes = np.zeros((3, len(points)), points.dtype)
        if self.planes is not None:
            slopes = self.planes[(points @ self.planes[:, :3].T - self.planes[:, 3]).argmax(axis=1), :3].T
        elif self.profile is None:
            face = _face(x, y, z)
            for axis in range(3):
                slopes[axis] = np.where(face == axis, 1, 0) * np.sign(points[:, axis])
        else:
            bend, slope, _ = self.profile
            on_lid = self._on_lid(z)
            slopes[:] = np.where(on_lid, 0, x), np.where(on_lid, 0, y), np.where(on_lid, z, -bend * z - slope / 2)
        slopes = self.inverse.T @ slopes
        return (slopes / np.sqrt(np.maximum(slopes[0] ** 2 + slopes[1] ** 2 + slopes[2] ** 2, 1e-12))).T

    def colours(self, points: np.ndarray) -> np.ndarray:
        """What is painted at `points` [R, 3] of the surface in the part's own axes: [R, 3]."""
        x, y, z = points.T
        if self.profile is None and self.planes is None:
            axis = _face(x, y, z)
            on_lid = axis == 2
            side = axis + 2 * (np.where(axis == 0, x, y) < 0)
            across = np.where(axis == 0, y, -x) * np.where(side > 1, -1, 1)
        else:
            on_lid = self._on_lid(z)
            turn = (np.arctan2(y, x) / (np.pi / 2) + 0.5) % 4
            side = np.minimum(turn.astype(np.int64), 3)
            across = 2 * (turn - side) - 1
        face = np.where(on_lid, np.where(z > 0, 5, 4), side)
        size = self.paint.shape[1]
        column, row = (
            np.clip((value + 1) * (size / 2), 0, size - 1).astype(np.int64)
            for value in (np.where(on_lid, x, across), np.where(on_lid, y, z))
        )
        return self.paint.reshape(-1, 3)[(face * size + row) * size + column]

    def _on_lid(self, z: np.ndarray) -> np.ndarray:
        return (self.lids[0] & (z < -0.99)) | (self.lids[1] & (z > 0.99))

    def moved(self, turn: np.ndarray, shift: np.ndarray, scale: float = 1.0) -> Part:
        """The part after scaling, turning and shifting the whole object."""
        return replace(self, axes=scale * turn @ self.axes, place=scale * turn @ self.place + shift)


def _face(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The axis of the cube's face that points of its surface lie on: [R] int64."""
    x, y, z = np.abs(x), np.abs(y), np.abs(z)
    return np.where(z > np.maximum(x, y), 2, (y > x).astype(np.int64))


def rotation(about_x: float = 0.0, about_y: float = 0.0, about_z: float = 0.0) -> np.ndarray:
    """[3, 3], angles in degrees, about x first and z last."""
    turn = np.eye(3)
    for axis, angle in enumerate((about_x, about_y, about_z)):
        cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        step = np.eye(3)
        one, other = (axis + 1) % 3, (axis + 2) % 3
        step[one, one] = step[other, other] = cosine
        step[one, other], step[other, one] = -sine, sine
        turn = step @ turn
    return turn


def block(halves: Triple, place: Triple, paint: np.ndarray, turn: np.ndarray | None = None, gloss: float = 0.0) -> Part:
    """A box with half edges `halves` and its centre at `place`."""
    return Part((np.eye(3) if turn is None else turn) * np.array(halves), np.array(place), paint, gloss=gloss)


def turned(
    profile: Triple,
    halves: Triple,
    place: Triple,
    paint: np.ndarray,
    turn: np.ndarray | None = None,
    lids: tuple[bool, bool] = (True, True),
    gloss: float = 0.0,
) -> Part:
    """A piece from the lathe: half widths and half height `halves`, its centre at `place`."""
    return Part((np.eye(3) if turn is None else turn) * np.array(halves), np.array(place), paint, profile, lids, gloss)


def prismatic(planes: np.ndarray, halves: Triple, place: Triple, paint: np.ndarray, turn: np.ndarray | None = None) -> Part:
    """A solid of `planes` from -1 to 1, stretched to half edges `halves`, its centre at `place`."""
    return Part((np.eye(3) if turn is None else turn) * np.array(halves), np.array(place), paint, planes=planes)


def rod(radius: float, start: np.ndarray, end: np.ndarray, paint: np.ndarray, gloss: float = 0.0) -> Part:
    """A cylinder from one point to another."""
    along = (end - start) / 2
    aside = np.cross(along, [0.3, 0.8, 0.52])
    aside /= np.linalg.norm(aside)
    other = np.cross(along / np.linalg.norm(along), aside)
    return Part(np.stack([radius * aside, radius * other, along], axis=1), (start + end) / 2, paint, CYLINDER, gloss=gloss)

"""What the rays of a Shapes3D camera meet, and how bright it is there; all constants are fitted to published pictures.

The room stands still; the object is at its origin, on the floor z = 0; the camera goes round on a circle, level, and faces the
axis. Lengths are in half edges of the cube at scale 1. The light is a point that casts hard shadows on the floor; that it turns
against the camera has no physical reading, but fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasets.images.ray_casting import Hit, ball, box, lid, nearest, tube

RAYS = 128
"""Rays along an edge of the image: 2 x 2 for each of 64 x 64 pixels."""
FLOOR, WALL, OBJECT, SKY = range(4)

_CAMERA_DISTANCE, _CAMERA_HEIGHT = 8.0576, 2.177568
_HORIZON_ROW, _FOCAL_LENGTH = 32.04286, 76.6344
_BACK_WALL, _SIDE_WALL, _WALL_HEIGHT = 11.31668, 10.87444, 5.828287
_CUBE = 1.006372
_CYLINDER_RADIUS, _CYLINDER_HEIGHT = 1.05982, 2 * 1.090503
_SPHERE_RADIUS = 1.226389
_CAPSULE_RADIUS, _CAPSULE_LENGTH = 0.935251, 2 * 0.950641

_LIGHT, _LIGHT_TURN = np.array([-4.118754, 0.202671, 19.058086]), -0.627702
_FALLOFF, _FALLOFF_REACH, _FALLOFF_SHIFT = 0.526403, 1.130166, np.array([-0.128973, -0.245342])
_HEADLIGHT = 0.463123
_SHEEN, _SHEEN_POWER = 0.050506, 20
_AMBIENT = {FLOOR: 0.321092, WALL: 0.319467, OBJECT: 0.454797}
_DIFFUSE = {FLOOR: 0.802867, WALL: 0.779409, OBJECT: 1.132945}


@dataclass(frozen=True)
class Scene:
    """For each ray [16384], row by row: the material it meets, its brightness (times its colour), and the sheen that is added."""

    material: np.ndarray
    brightness: np.ndarray
    sheen: np.ndarray


def cast(scale: float, shape: int, angle: float) -> Scene:
    """The scene seen from an orientation of `angle` radians; shapes 0 to 3 are cube, cylinder, sphere and capsule."""
    turn = _turn(angle)
    along = (np.arange(RAYS) + 0.5) * 64 / RAYS
    x, z = np.meshgrid((along - 32) / _FOCAL_LENGTH, (_HORIZON_ROW - along) / _FOCAL_LENGTH)
    rays = np.stack([x.ravel(), np.ones(x.size), z.ravel()], axis=1) @ turn.T
    eye = turn @ np.array([0.0, -_CAMERA_DISTANCE, _CAMERA_HEIGHT])
    light = _turn(_LIGHT_TURN * angle) @ _LIGHT

    hits = {FLOOR: _floor(eye, rays), WALL: _walls(eye, rays), OBJECT: _object(shape, scale, eye, rays)}
    distances = np.stack([distance for distance, _ in hits.values()])
    material = np.where(np.isinf(distances.min(axis=0)), SKY, distances.argmin(axis=0))
    brightness, sheen = np.zeros(len(rays)), np.zeros(len(rays))
    for kind, (distance, normals) in hits.items():
        seen = np.flatnonzero(material == kind)
        points = eye + distance[seen, None] * rays[seen]
        ambient, diffuse, shine = _lighting(kind, points, normals[seen], light, -turn[:, 1])
        if kind == FLOOR:
            to_light = light - points
            shadow, _ = _object(shape, scale, points + 1e-4 * to_light, to_light)
            diffuse[shadow < 1] = 0
        brightness[seen] = ambient + diffuse
        if kind == OBJECT:
            sheen[seen] = shine
    return Scene(material, brightness, sheen)


def _turn(angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _lighting(
    kind: int, points: np.ndarray, normals: np.ndarray, light: np.ndarray, to_camera: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ambient light, direct light and sheen on points [R, 3] of a material."""
    to_light = light - points
    to_light /= np.linalg.norm(to_light, axis=1, keepdims=True)
    away = points[:, :2] - _FALLOFF_REACH * light[:2] - _FALLOFF_SHIFT
    falloff = 1 / (1 + _FALLOFF * (away**2).sum(axis=1) / 100)
    direct = _DIFFUSE[kind] * np.maximum((to_light * normals).sum(axis=1), 0) * falloff
    halfway = to_light + to_camera
    halfway /= np.linalg.norm(halfway, axis=1, keepdims=True)
    sheen = _SHEEN * np.maximum((halfway * normals).sum(axis=1), 0) ** _SHEEN_POWER
    return _AMBIENT[kind] + _HEADLIGHT * np.maximum(normals @ to_camera, 0), direct, sheen


def _floor(eye: np.ndarray, rays: np.ndarray) -> Hit:
    with np.errstate(divide="ignore"):
        distance = -eye[2] / rays[:, 2]
    points = eye + distance[:, None] * rays
    inside = (distance > 0) & (np.abs(points[:, 0]) < _SIDE_WALL) & (points[:, 1] < _BACK_WALL)
    return np.where(inside, distance, np.inf), np.broadcast_to(np.array([0.0, 0.0, 1.0]), rays.shape)


def _walls(eye: np.ndarray, rays: np.ndarray) -> Hit:
    """The back wall and the two side walls; the fourth side is open."""
    hits = []
    for axis, place, reach in ((1, _BACK_WALL, _SIDE_WALL), (0, _SIDE_WALL, _BACK_WALL), (0, -_SIDE_WALL, _BACK_WALL)):
        with np.errstate(divide="ignore"):
            distance = (place - eye[axis]) / rays[:, axis]
        points = eye + distance[:, None] * rays
        inside = (distance > 0) & (points[:, 2] > 0) & (points[:, 2] < _WALL_HEIGHT) & (np.abs(points[:, 1 - axis]) <= reach)
        normal = -np.sign(place) * np.eye(3)[axis]
        hits.append((np.where(inside, distance, np.inf), np.broadcast_to(normal, rays.shape)))
    return nearest(*hits)


def _object(shape: int, scale: float, origins: np.ndarray, rays: np.ndarray) -> Hit:
    if shape == 0:
        return box(scale * _CUBE, origins, rays)
    if shape == 1:
        radius, height = scale * _CYLINDER_RADIUS, scale * _CYLINDER_HEIGHT
        return nearest(tube(radius, 0, height, origins, rays), lid(radius, height, origins, rays))
    if shape == 2:
        radius = scale * _SPHERE_RADIUS
        return ball(radius, radius, origins, rays)
    radius, top = scale * _CAPSULE_RADIUS, scale * (_CAPSULE_RADIUS + _CAPSULE_LENGTH)
    side = tube(radius, radius, top, origins, rays)
    return nearest(side, ball(radius, radius, origins, rays), ball(radius, top, origins, rays))

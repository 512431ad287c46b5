"""Where rays meet simple solids that stand on the floor z = 0, upright, over the origin.

Rays start at `origins` [R, 3] (or one [3] for all) and go along `rays` [R, 3] of any length. A hit is the distance in lengths of
the ray [R], infinite where it misses, and the normal of the surface [R, 3].
"""

from __future__ import annotations

import numpy as np

Hit = tuple[np.ndarray, np.ndarray]


def nearest(*hits: Hit) -> Hit:
    """The first of several surfaces on each ray."""
    distance, normals = hits[0]
    for other, other_normals in hits[1:]:
        closer = other < distance
        distance = np.where(closer, other, distance)
        normals = np.where(closer[:, None], other_normals, normals)
    return distance, normals


def box(half: float, origins: np.ndarray, rays: np.ndarray) -> Hit:
    """A cube of edge 2 * half, its sides along the axes."""
    with np.errstate(divide="ignore"):
        one, other = (np.array([-half, -half, 0.0]) - origins) / rays, (np.array([half, half, 2 * half]) - origins) / rays
    entries = np.minimum(one, other)
    axis = entries.argmax(axis=1)
    entry = entries.max(axis=1)
    leave = np.maximum(one, other).min(axis=1)
    normals = -np.sign(rays) * (np.arange(3) == axis[:, None])
    return np.where((entry < leave) & (entry > 0), entry, np.inf), normals


def ball(radius: float, height: float, origins: np.ndarray, rays: np.ndarray) -> Hit:
    """A sphere with its centre at `height`."""
    start = origins - np.array([0.0, 0.0, height])
    distance = _first_root((rays**2).sum(axis=1), (start * rays).sum(axis=1), (start**2).sum(axis=-1) - radius**2)
    return distance, (start + np.where(np.isinf(distance), 0, distance)[:, None] * rays) / radius


def tube(radius: float, low: float, high: float, origins: np.ndarray, rays: np.ndarray) -> Hit:
    """The side of an upright cylinder between two heights."""
    start, along = origins[..., :2], rays[:, :2]
    distance = _first_root((along**2).sum(axis=1), (start * along).sum(axis=1), (start**2).sum(axis=-1) - radius**2)
    finite = np.where(np.isinf(distance), 0, distance)
    height = origins[..., 2] + finite * rays[:, 2]
    sides = (start + finite[:, None] * along) / radius
    normals = np.concatenate([sides, np.zeros((len(rays), 1))], axis=1)
    return np.where((height > low) & (height < high), distance, np.inf), normals


def lid(radius: float, height: float, origins: np.ndarray, rays: np.ndarray) -> Hit:
    """A horizontal disc, facing up."""
    with np.errstate(divide="ignore"):
        distance = (height - origins[..., 2]) / rays[:, 2]
    points = origins[..., :2] + distance[:, None] * rays[:, :2]
    inside = (distance > 0) & ((points**2).sum(axis=1) < radius**2)
    return np.where(inside, distance, np.inf), np.broadcast_to(np.array([0.0, 0.0, 1.0]), rays.shape)


def _first_root(square: np.ndarray, half_linear: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """Smaller root of square * t^2 + 2 * half_linear * t + constant where it is real and positive, else inf."""
    discriminant = half_linear**2 - square * constant
    root = (-half_linear - np.sqrt(np.maximum(discriminant, 0))) / square
    return np.where((discriminant > 0) & (root > 0), root, np.inf)

"""Where rays meet simple solids.

Rays start at `origins` [R, 3] (or one [3] for all) and go along `rays` [R, 3] of any length. A hit is the distance in lengths of
the ray [R], infinite where it misses, and the normal of the surface [R, 3]. Solids of a hit stand on the floor z = 0, upright,
over the origin; `unit_cube`, `convex` and `revolved` are the shapes that larger scenes stretch, turn and place: distances only.
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


def unit_cube(origins: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Distance [R] to the cube from -1 to 1 on every axis. Rays that start in it miss."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / rays
        middle, reach = -origins * inverse, np.abs(inverse)
        entry, leave = (middle - reach).max(axis=1), (middle + reach).min(axis=1)
        return np.where((entry < leave) & (entry > 0), entry, np.inf)


def convex(planes: np.ndarray, origins: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Distance [R] to the solid behind all `planes` [K, 4]: n . p <= d, given as n and d. Rays that start in it miss."""
    entry, leave = np.full(len(rays), -np.inf, rays.dtype), np.full(len(rays), np.inf, rays.dtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        for plane in planes:
            slope = rays @ plane[:3]
            distance = (plane[3] - origins @ plane[:3]) / slope
            entry = np.where((slope < 0) & (distance > entry), distance, entry)
            leave = np.where((slope > 0) & (distance < leave), distance, leave)
    return np.where((entry < leave) & (entry > 0), entry, np.inf)


def revolved(profile: tuple[float, float, float], lids: tuple[bool, bool], origins: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Distance [R] to the surface with radius^2 = a z^2 + b z + c (`profile`) around the z axis, from z = -1 to 1.

    `lids` says whether its lower and its upper end are closed by discs; an open one shows its inside.
    """
    bend, slope, level = profile
    (x, y, z), (along_x, along_y, along_z) = origins.T, rays.T
    square = along_x**2 + along_y**2 - bend * along_z**2
    half_linear = x * along_x + y * along_y - (bend * z + slope / 2) * along_z
    constant = x**2 + y**2 - (bend * z + slope) * z - level
    discriminant = half_linear**2 - square * constant
    spread = np.sqrt(np.maximum(discriminant, 0))
    first = np.full(len(rays), np.inf, rays.dtype)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for root in ((-half_linear - spread) / square, (-half_linear + spread) / square):
            on_side = (discriminant > 0) & (root > 0) & (np.abs(z + root * along_z) < 1)
            first = np.where(on_side & (root < first), root, first)
        for end, closed in zip((-1, 1), lids, strict=True):
            if closed:
                distance = (end - z) / along_z
                inside = (x + distance * along_x) ** 2 + (y + distance * along_y) ** 2 < bend + slope * end + level
                first = np.where(inside & (distance > 0) & (distance < first), distance, first)
    return first


def _first_root(square: np.ndarray, half_linear: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """Smaller root of square * t^2 + 2 * half_linear * t + constant where it is real and positive, else inf."""
    discriminant = half_linear**2 - square * constant
    root = (-half_linear - np.sqrt(np.maximum(discriminant, 0))) / square
    return np.where((discriminant > 0) & (root > 0), root, np.inf)

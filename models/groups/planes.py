"""Which learned maps undo each other, in which planes they turn, and which pair of latent dimensions each plane lies nearest to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from models.groups.eigenvalue_angles import turning_angles

Couple = tuple[int, int]


@dataclass(frozen=True)
class Placed:
    """A couple of maps on a pair of dimensions: `forward` turns it to the left there, `backward` undoes that; `angle` in radians."""

    pair: int
    forward: int
    backward: int
    angle: float


def placed(maps: np.ndarray) -> list[Placed]:
    """Where the planes of maps [K, D, D], K even, are to be: on pairs of dimensions that turning the code as a whole can bring them to.

    Couples take the pairs on which their planes lie already, as far as they do. A code cannot be mirrored bit by bit, so where
    planes take up all dimensions, the couple that loses least by it turns the other way.
    """
    dimensions = maps.shape[1]
    frames, angles, found = [], [], couples(maps)
    for forward, backward in found:
        frame, angle = _frame(maps[forward] - maps[backward]), _turn(maps[[forward, backward]])
        frames.append(frame)
        angles.append(angle)
    overlaps = np.array([[_overlaps(frame[2 * pair : 2 * pair + 2]) for pair in range(dimensions // 2)] for frame in frames])
    own, pairs = linear_sum_assignment(-overlaps.max(2))
    kept, mirrored = overlaps[own, pairs].T
    flipped = mirrored > kept
    if 2 * len(found) == dimensions:
        order = np.argsort(pairs)
        upright = np.linalg.det(np.concatenate([frames[k] for k in order], axis=1)) > 0
        if bool(flipped.sum() % 2) == upright:
            cheapest = int(np.abs(kept - mirrored).argmin())
            flipped[cheapest] = not flipped[cheapest]
    result = []
    for k, pair, flip in zip(own.tolist(), pairs.tolist(), flipped, strict=True):
        forward, backward = reversed(found[k]) if flip else found[k]
        result.append(Placed(pair, forward, backward, angles[k]))
    return result


def couples(maps: np.ndarray) -> list[Couple]:
    """Maps that undo each other best, [K, D, D] -> K / 2 couples; the nearest to inverses are taken first."""
    away = np.linalg.norm(maps[:, None] @ maps[None] - np.eye(maps.shape[1]), axis=(2, 3))
    away = away + away.T
    np.fill_diagonal(away, math.inf)
    left, found = list(range(len(maps))), []
    while left:
        among = away[np.ix_(left, left)]
        first, second = (left[k] for k in np.unravel_index(among.argmin(), among.shape))
        found.append((first, second))
        left = [k for k in left if k not in (first, second)]
    return found


def _turn(couple: np.ndarray) -> float:
    """By how much the two maps of a couple turn, on the mean."""
    return float(turning_angles(torch.from_numpy(couple)).mean())


def _frame(difference: np.ndarray) -> np.ndarray:
    """The plane of a rotation less its inverse, as two orthogonal columns [D, 2], the first turned towards the second."""
    skew = difference - difference.T
    left, _, _ = np.linalg.svd(skew)
    first, second = left[:, 0], left[:, 1]
    return np.stack([first, second if second @ skew @ first > 0 else -second], axis=1)


def _overlaps(block: np.ndarray) -> Sequence[float]:
    """How well a plane lies on a pair of dimensions, [2, 2] of its frame: turned as it is, and mirrored; from 0 to 2."""
    (a, b), (c, d) = block
    return math.hypot(a + d, c - b), math.hypot(a - d, c + b)

"""A robot arm that turns and lifts an object before a dyed wall, in the place of MPI3D (Gondal et al. 2019, arXiv 1906.03292).

z points up, x to the camera, y to the right; the shoulder stands over the origin. The scene without the object is drawn for every
place of the arm; the object is drawn in a window of 24 x 24 pixels around it, where the arm may hide it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from datasets.rendered.camera import FINER, Camera, Lamps, Lens, look, pixel_means, shade
from datasets.rendered.paints import plain
from datasets.rendered.parts import BALL, CYLINDER, Part, block, cone, prism, prismatic, rod, rotation, turned
from datasets.rendered.pasting import SIZE, quantised, window_corner, window_starts

VERSION = 1
"""To be raised whenever any picture changes: stored ones carry it."""
COLOURS = np.array([[0.95, 0.95, 0.95], [0.1, 0.75, 0.15], [0.9, 0.1, 0.1], [0.12, 0.2, 0.9], [0.5, 0.28, 0.12], [0.55, 0.55, 0.1]])
"""White, green, red, blue, brown, olive."""
BACKGROUNDS = np.array([[0.5, 0.2, 0.55], [0.2, 0.6, 0.45], [0.95, 0.55, 0.45]])
"""Purple, sea green, salmon."""
SHAPES, SIZES, HEIGHTS, TURNS, LIFTS = 6, 2, 3, 40, 40
WINDOW = 24

_HALVES = (0.14, 0.2)
_SHOULDER, _LENGTH, _GRIP = np.array([0.0, 0.0, 0.42]), 0.8, 0.12
_ANGLES, _SLOPES = np.radians(np.linspace(-80, 80, TURNS)), np.radians(np.linspace(-12, 68, LIFTS))
_LAMPS = Lamps(0.4, np.array([[0.6, -0.45, 0.66], [0.5, 0.8, 0.3]]), np.array([0.55, 0.25]))
_AIM = np.array([0.0, 0.0, 0.55])
_CAMERAS = [
    Camera.towards(_AIM, _AIM + 5.2 * np.array([np.cos(slope), 0, np.sin(slope)]), Lens.of(FINER * SIZE, 28))
    for slope in np.radians([42, 22, 4])
]
"""Top, centre, bottom."""
_METAL, _DARK = np.array([0.62, 0.64, 0.68]), np.array([0.16, 0.16, 0.18])


def _room(background: np.ndarray) -> list[Part]:
    """A platform before a wall; the wall and the edge of the platform are dyed."""
    return [
        block((0.05, 4, 3), (-1.5, 0, 1), plain(background)),
        block((1.6, 4, 1), (0, 0, -1), plain(np.array([0.3, 0.3, 0.32]))),
        turned(CYLINDER, (1.25, 1.25, 0.03), (0, 0, 0.03), plain(0.75 * background)),
    ]


def _arm(turn: int, lift: int) -> list[Part]:
    along = _direction(turn, lift)
    elbow, tip = _SHOULDER + 0.45 * _LENGTH * along, _SHOULDER + _LENGTH * along
    about = rotation(about_z=float(np.degrees(_ANGLES[turn])))
    return [
        turned(cone(1, 0.6), (0.24, 0.24, 0.15), (0, 0, 0.2), plain(_DARK), about, gloss=0.3),
        turned(BALL, (0.17, 0.17, 0.17), (0, 0, float(_SHOULDER[2])), plain(_METAL), about, (False, False), gloss=0.3),
        rod(0.085, _SHOULDER, elbow, plain(_METAL), gloss=0.3),
        rod(0.055, elbow, tip, plain(_DARK * 2), gloss=0.3),
        rod(0.1, tip - 0.04 * along, tip, plain(_METAL), gloss=0.3),
    ]


def _direction(turn: int, lift: int) -> np.ndarray:
    """The arm's, of length 1."""
    angle, slope = _ANGLES[turn], _SLOPES[lift]
    return np.array([np.cos(slope) * np.cos(angle), np.cos(slope) * np.sin(angle), np.sin(slope)])


def _places() -> np.ndarray:
    """Middle of the object for every turn and lift: [40, 40, 3]."""
    along = np.array([[_direction(turn, lift) for lift in range(LIFTS)] for turn in range(TURNS)])
    return _SHOULDER + (_LENGTH + _GRIP) * along


def _object(shape: int, size: int, turn: int, place: np.ndarray) -> Part:
    """Cone, cube, cylinder, hexagonal prism, pyramid or ball, white; it turns with the arm."""
    half = _HALVES[size]
    about, white = rotation(about_z=float(np.degrees(_ANGLES[turn])) + 20), plain(np.ones(3))
    where = (float(place[0]), float(place[1]), float(place[2]))
    if shape == 1:
        return block((0.8 * half, 0.8 * half, 0.8 * half), where, white, about)
    if shape in (3, 4):
        planes = prism(6) if shape == 3 else prism(4, 0.0)
        return prismatic(planes, (1.1 * half, 1.1 * half, (0.6, 1)[shape - 3] * half), where, white, about)
    profile = {0: cone(1, 0), 2: CYLINDER, 5: BALL}[shape]
    return turned(profile, (half, half, 1.15 * half if shape == 2 else half), where, white, about, (shape != 5, shape == 2))


@cache
def starts() -> np.ndarray:
    """First words of the windows: [3, 40, 40], by the height of the camera, turn and lift."""
    places = _places()
    return np.stack([window_starts(camera.pixels(places) / FINER, WINDOW) for camera in _CAMERAS])


def render_turn(height: int, turn: int) -> tuple[np.ndarray, np.ndarray]:
    """All lifts of the arm: pictures by wall [40, 3, 3, 4096] uint8, and layers of objects by shape and size [40, 6, 2, 2, 576] uint8."""
    camera = _CAMERAS[height]
    arms = [_arm(turn, lift) for lift in range(LIFTS)]
    behind = look(_room(BACKGROUNDS[0]), camera)
    sights = [look(arm, camera, behind.depth) for arm in arms]
    bare = [shade(_room(background), [behind], [camera], [_LAMPS])[0] for background in BACKGROUNDS]
    pictures = np.empty((LIFTS, len(BACKGROUNDS), 3, SIZE * SIZE), np.uint8)
    for lift, (arm, sight) in enumerate(zip(arms, sights, strict=True)):
        drawn, hidden = shade(arm, [sight], [camera], [_LAMPS])[0], (sight.number >= 0).ravel()
        for wall, room in enumerate(bare):
            pictures[lift, wall] = 255 * pixel_means(np.minimum(np.where(hidden, drawn, room), 1)) + 0.5
    layers = np.empty((LIFTS, SHAPES, SIZES, 2, WINDOW**2), np.uint8)
    nearest = [np.minimum(behind.depth, sight.depth) for sight in sights]
    corners = [window_corner(start) for start in starts()[height, turn].tolist()]
    windows = [replace(camera, lens=camera.lens.window(FINER * top, FINER * left, FINER * WINDOW, FINER * WINDOW)) for top, left in corners]
    before = [depth[_finer(top), _finer(left)] for depth, (top, left) in zip(nearest, corners, strict=True)]
    for shape, size in np.ndindex(SHAPES, SIZES):
        layers[:, shape, size] = _object_layers(shape, size, turn, windows, before)
    return pictures, layers


def _object_layers(shape: int, size: int, turn: int, windows: list[Camera], before: list[np.ndarray]) -> np.ndarray:
    """[40, 2, 576] uint8 for all lifts."""
    middle = _object(shape, size, turn, np.zeros(3))
    # Shading is that of one part seen by many cameras: the object stays, the camera moves the other way.
    moved = [replace(camera, eye=(camera.eye - place).astype(np.float32)) for camera, place in zip(windows, _places()[turn], strict=True)]
    sights = [look([middle], camera, depth) for camera, depth in zip(moved, before, strict=True)]
    light = shade([middle], sights, moved, [_LAMPS] * len(moved))[:, 0]
    covered = np.stack([sight.number.ravel() >= 0 for sight in sights])
    return quantised(1 - pixel_means(covered), pixel_means(np.minimum(light, 1)), COLOURS)


def _finer(first: int) -> slice:
    return slice(FINER * first, FINER * (first + WINDOW))

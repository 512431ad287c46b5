"""A robot arm that holds an object in a kitchen, in the place of Isaac3D (Nie et al. 2020, arXiv 2003.03461).

z points up, x to the camera, y to the right. The arm slides along a rail (x-move) and reaches out to the camera (y-move). The
kitchen with the arm is drawn for every place of the arm, with hard shadows; the object is drawn, with the shadow that it throws, in
a window of 32 x 32 pixels.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from datasets.rendered.camera import FINER, Camera, Lamps, Lens, Sight, look, pixel_means, shade, shaded
from datasets.rendered.paints import SIDE, colour, painted, panels, plain
from datasets.rendered.parts import BALL, CYLINDER, Part, block, rod, rotation, turned
from datasets.rendered.pasting import SIZE, quantised, window_corner, window_starts
from foundation.randomness import stream

VERSION = 1
"""To be raised whenever any picture changes: stored ones carry it."""
SHAPES, X_MOVES, Y_MOVES, HEIGHTS, SCALES, DIRECTIONS = 3, 8, 5, 4, 4, 6
COLOURS = np.array([[0.9, 0.15, 0.1], [0.15, 0.75, 0.2], [0.15, 0.3, 0.95], [0.95, 0.8, 0.1]])
"""Of the object: red, green, blue, yellow."""
WALLS = np.array([[0.85, 0.8, 0.7], [0.45, 0.65, 0.85], [0.55, 0.75, 0.45], [0.85, 0.55, 0.55]])
"""Cream, blue, green, rose."""
INTENSITIES = np.array([0.4, 0.6, 0.8, 1.0])
WINDOW = 32

_SLIDES, _REACHES = np.linspace(-0.8, 0.8, X_MOVES), np.linspace(-0.15, 0.65, Y_MOVES)
_HALVES = np.linspace(0.11, 0.22, SCALES)
_SHOULDER, _WRIST, _LINK, _HANG = np.array([-0.75, 0.0, 0.5]), 0.72, 0.85, 0.36
_LIGHT_SLOPES = np.linspace(-1.1, 1.1, DIRECTIONS)
_AMBIENT, _STRENGTH = 0.5, 0.7
_AIM = np.array([-0.1, 0.0, 0.4])
_CAMERAS = [
    Camera.towards(_AIM, _AIM + 5.0 * np.array([np.cos(slope), 0, np.sin(slope)]), Lens.of(FINER * SIZE, 27))
    for slope in np.radians([12, 22, 32, 42])
]
_WHITE, _STEEL, _DARK = np.array([0.92, 0.92, 0.9]), np.array([0.6, 0.62, 0.66]), np.array([0.15, 0.15, 0.17])


@cache
def _kitchen() -> tuple[Part, ...]:
    """Two walls, white until they are dyed, and what does not move."""
    rng = stream(0, "rendered kitchen")
    tiles = plain(np.array([0.62, 0.6, 0.56])).copy()
    tiles[5, ::10] = tiles[5, :, ::10] = 0.45
    wood = painted(np.array([0.6, 0.42, 0.26]), np.array([0.48, 0.32, 0.19]), _grained, rng)
    window = plain(_WHITE).copy()
    window[0, 4:-4, 4:-4] = (0.6, 0.8, 0.95)
    window[0, :, SIDE // 2 - 1 : SIDE // 2 + 1] = _WHITE
    return (
        block((0.05, 4, 2.5), (-1.6, 0, 1.5), plain(np.ones(3))),
        block((2, 0.05, 2.5), (0, -2.2, 1.5), plain(np.ones(3))),
        block((3, 4, 0.05), (0, 0, -1.1), tiles),
        block((1.15, 1.45, 0.06), (0, 0, -0.06), wood, gloss=0.05),
        block((1.0, 1.3, 0.45), (-0.05, 0, -0.58), painted(_WHITE * 0.8, _STEEL, panels, rng)),
        block((0.3, 0.32, 0.8), (-1.25, 1.6, -0.3), plain(colour(0.55, 0.25, 0.8)), gloss=0.1),
        block((0.02, 0.5, 0.35), (-1.53, -0.9, 1.45), window),
        block((0.06, 1.25, 0.05), (float(_SHOULDER[0]), 0, 0.05), plain(_DARK * 1.5), gloss=0.2),
    )


_DYED = 2
"""So many of the first parts of the kitchen are walls."""


def _grained(strip: np.ndarray, top: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> None:
    """Boards of unequal brightness."""
    strip[::5] = second
    for board in range(0, SIDE, 8):
        top[board : board + 8] += rng.uniform(0.0, 0.6) * (second - top[board : board + 8])
        top[board] = 0.8 * second


def _arm(x_move: int, y_move: int) -> list[Part]:
    """Carriage, two links and a hand, whose wrist is always at the same height."""
    shoulder = _SHOULDER + np.array([0, _SLIDES[x_move], 0])
    wrist = np.array([_REACHES[y_move], _SLIDES[x_move], _WRIST])
    half = (wrist - shoulder) / 2
    rise = np.sqrt(_LINK**2 - half @ half)
    aside = np.array([-half[2], 0, half[0]]) / np.linalg.norm(half)
    elbow = shoulder + half + rise * aside
    hand = wrist - np.array([0, 0, 0.12])
    orange, y = plain(colour(0.07, 0.85, 0.95)), float(_SLIDES[x_move])
    parts = [
        block((0.16, 0.17, 0.09), (float(shoulder[0]), y, 0.15), plain(_DARK), gloss=0.2),
        turned(CYLINDER, (0.11, 0.11, 0.16), (float(shoulder[0]), y, 0.34), orange, gloss=0.3),
        rod(0.075, shoulder, elbow, orange, gloss=0.3),
        rod(0.06, elbow, wrist, orange, gloss=0.3),
        rod(0.045, wrist, hand, plain(_STEEL), gloss=0.3),
        block((0.05, 0.13, 0.025), (float(hand[0]), y, float(hand[2])), plain(_DARK), gloss=0.2),
    ]
    joints = [
        turned(BALL, (size, size, size), (float(place[0]), float(place[1]), float(place[2])), plain(_STEEL), None, (False, False), 0.4)
        for place, size in ((shoulder, 0.12), (elbow, 0.1), (wrist, 0.08))
    ]
    return parts + joints


def _object(shape: int, scale: int) -> Part:
    """Cube, cylinder or ball, white, at the origin."""
    half, white = float(_HALVES[scale]), plain(np.ones(3))
    if shape == 0:
        return block((0.85 * half, 0.85 * half, 0.85 * half), (0, 0, 0), white, rotation(about_z=30))
    if shape == 1:
        return turned(CYLINDER, (0.75 * half, 0.75 * half, 1.2 * half), (0, 0, 0), white)
    return turned(BALL, (half, half, half), (0, 0, 0), white, lids=(False, False))


def _place(x_move: int, y_move: int) -> np.ndarray:
    """The middle of the object."""
    return np.array([_REACHES[y_move], _SLIDES[x_move], _HANG])


def _lamps(direction: int) -> Lamps:
    aim = np.array([0.5, _LIGHT_SLOPES[direction], 1.1])
    return Lamps(_AMBIENT, aim[None] / np.linalg.norm(aim), np.array([_STRENGTH]))


@cache
def starts() -> np.ndarray:
    """First words of the windows: [4, 8, 5], by the height of the camera and the moves. They reach down to the shadow on the table."""
    places = np.array([[_place(x_move, y_move) - [0, 0, 0.15] for y_move in range(Y_MOVES)] for x_move in range(X_MOVES)])
    return np.stack([window_starts(camera.pixels(places) / FINER, WINDOW) for camera in _CAMERAS])


def render_place(height: int, x_move: int, y_move: int) -> tuple[np.ndarray, np.ndarray]:
    """One place of the arm in full light.

    Pictures by direction of the light and wall [6, 4, 3, 4096] uint8, and layers of objects by shape, scale and direction
    [3, 4, 6, 2, 1024] uint8.
    """
    camera, parts = _CAMERAS[height], [*_kitchen(), *_arm(x_move, y_move)]
    sight, lamps = look(parts, camera), [_lamps(direction) for direction in range(DIRECTIONS)]
    points, casters = _points(camera, sight.depth), parts[_DYED + 1 :]
    hidden = np.stack([shaded(casters, points + 0.02 * lamp.directions[0].astype(np.float32), lamp.directions[0]) for lamp in lamps])
    lit = 1 - hidden.astype(np.float32)
    same = [sight] * DIRECTIONS, [camera] * DIRECTIONS
    bright = shade(parts, *same, lamps, lit)
    dark = shade(parts, *same, [Lamps(_AMBIENT, lamp.directions, 0 * lamp.strengths) for lamp in lamps], 0 * lit)
    walls = (sight.number.ravel() >= 0) & (sight.number.ravel() < _DYED)
    pictures = np.empty((DIRECTIONS, len(WALLS), 3, SIZE**2), np.uint8)
    for wall, dye in enumerate(WALLS):
        dyed = np.where(walls, bright * dye[:, None].astype(np.float32), bright)
        pictures[:, wall] = 255 * pixel_means(np.minimum(dyed, 1)) + 0.5
    in_shadow = np.where(lit > 0, dark.sum(axis=1) / np.maximum(bright.sum(axis=1), 1e-3), 1).astype(np.float32)

    top, left = window_corner(int(starts()[height, x_move, y_move]))
    window = slice(FINER * top, FINER * (top + WINDOW)), slice(FINER * left, FINER * (left + WINDOW))
    lens = camera.lens.window(FINER * top, FINER * left, FINER * WINDOW, FINER * WINDOW)
    place = _place(x_move, y_move)
    near = Sight(sight.depth[window], sight.number[window])
    around = points.reshape(*sight.depth.shape, 3)[window].reshape(-1, 3) - place.astype(np.float32)
    darker = in_shadow.reshape(DIRECTIONS, *sight.depth.shape)[:, *window].reshape(DIRECTIONS, -1)
    moved = replace(camera, lens=lens, eye=(camera.eye - place).astype(np.float32))
    layers = np.empty((SHAPES, SCALES, DIRECTIONS, 2, WINDOW**2), np.uint8)
    for shape, scale in np.ndindex(SHAPES, SCALES):
        layers[shape, scale] = _object_layers(_object(shape, scale), moved, near, around, darker, lamps)
    return pictures, layers


def _object_layers(thing: Part, camera: Camera, near: Sight, around: np.ndarray, darker: np.ndarray, lamps: list[Lamps]) -> np.ndarray:
    """Layers [6, 2, 1024] uint8 of an object at the origin, by direction of the light.

    `around` [R, 3] are the points seen behind it, `darker` [6, R] what is left of their light in a shadow.
    """
    sight = look([thing], camera, near.depth)
    covered = (sight.number >= 0).ravel()
    shadow = np.stack([shaded([thing], around, lamp.directions[0]) for lamp in lamps])
    kept = np.where(covered, 0, np.where(shadow, darker, 1))
    light = shade([thing], [sight] * DIRECTIONS, [camera] * DIRECTIONS, lamps)[:, 0]
    return quantised(pixel_means(kept), pixel_means(np.minimum(light, 1)), COLOURS)


def _points(camera: Camera, depth: np.ndarray) -> np.ndarray:
    """What every pixel shows, in the scene: [H * W, 3] float32."""
    return (camera.lens.directions.reshape(3, -1) * depth.ravel()).T @ camera.axes + camera.eye

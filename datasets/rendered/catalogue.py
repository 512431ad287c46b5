"""Procedural objects of everyday kinds: packages, cans, bottles, mugs, cars, animals, fruit, houses, figures, tools.

An object is a function of its number: sixteen kinds follow each other, and shapes, colours and patterns are drawn for each.
Every object lies around the origin, upright along z, its front to x, and touches a ball of radius 1 from inside.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from datasets.rendered.paints import PATTERNS, any_colour, bars, blotches, checks, colour, dots, grain, label, painted, panels, plain, rings
from datasets.rendered.parts import BALL, CYLINDER, DOME, Part, barrel, block, cone, rotation, turned, waist
from foundation.randomness import stream

VERSION = 1
"""To be raised whenever any object changes: stored pictures carry it."""

OPEN = (True, False)
DARK, PALE, SKIN, GLASS = np.array([[0.09, 0.09, 0.1], [0.92, 0.92, 0.88], [0.93, 0.72, 0.55], [0.25, 0.35, 0.45]], np.float32)


def catalogue_object(number: int) -> tuple[Part, ...]:
    """The parts of object `number` (0, 1, ...)."""
    rng = stream(number, "rendered object")
    parts = KINDS[number % len(KINDS)](rng)
    points = np.concatenate([part.rims() for part in parts])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = float(1 / np.linalg.norm(points - middle, axis=1).max())
    grained = [replace(part, paint=grain(part.paint, rng)) for part in parts]
    return tuple(part.moved(np.eye(3), -scale * middle, scale) for part in grained)


def _any_paint(rng: np.random.Generator) -> np.ndarray:
    return painted(any_colour(rng), any_colour(rng), PATTERNS[rng.integers(len(PATTERNS))], rng)


def _package(rng: np.random.Generator) -> list[Part]:
    halves = float(rng.uniform(0.5, 1)), float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.4, 1.1))
    return [block(halves, (0, 0, 0), _any_paint(rng), gloss=0.1)]


def _can(rng: np.random.Generator) -> list[Part]:
    radius, height = rng.uniform(0.45, 0.75), rng.uniform(0.6, 1)
    metal = plain(PALE * 0.85)
    return [
        turned(CYLINDER, (radius, radius, height), (0, 0, 0), _any_paint(rng), gloss=0.3),
        turned(cone(1, 0.88), (radius, radius, 0.05), (0, 0, height + 0.05), metal, gloss=0.5),
        block((0.35 * radius, 0.12 * radius, 0.03), (0.3 * radius, 0, height + 0.11), plain(any_colour(rng))),
    ]


def _bottle(rng: np.random.Generator) -> list[Part]:
    radius, body, neck = rng.uniform(0.4, 0.55), rng.uniform(0.55, 0.75), rng.uniform(0.14, 0.2)
    shoulder, throat = rng.uniform(0.15, 0.35), rng.uniform(0.12, 0.3)
    first = any_colour(rng)
    above = body + 2 * shoulder
    flat = float(rng.choice([1.0, 0.6]))
    glass = plain(first)
    return [
        turned(CYLINDER, (radius, flat * radius, body), (0, 0, 0), painted(first, any_colour(rng), label, rng), gloss=0.4),
        turned(cone(1, neck / radius), (radius, flat * radius, shoulder), (0, 0, body + shoulder), glass, gloss=0.4),
        turned(CYLINDER, (neck, neck, throat), (0, 0, above + throat), glass, gloss=0.4),
        turned(CYLINDER, (1.15 * neck, 1.15 * neck, 0.1), (0, 0, above + 2 * throat), plain(any_colour(rng)), gloss=0.2),
    ]


def _mug(rng: np.random.Generator) -> list[Part]:
    radius, height = rng.uniform(0.55, 0.75), rng.uniform(0.55, 0.85)
    profile = (CYLINDER, cone(0.75, 1), waist(0.85), barrel(0.85))[rng.integers(4)]
    handle = plain(any_colour(rng))
    reach = radius + rng.uniform(0.25, 0.4)
    paint = _any_paint(rng)
    return [
        turned(profile, (radius, radius, height), (0, 0, 0), paint, lids=OPEN, gloss=0.4),
        block((0.06, 0.09, 0.45 * height), (reach, 0, 0), handle, gloss=0.3),
        block((0.55 * (reach - 0.75 * radius), 0.09, 0.07), (0.5 * (reach + 0.8 * radius), 0, 0.45 * height), handle, gloss=0.3),
        block((0.55 * (reach - 0.75 * radius), 0.09, 0.07), (0.5 * (reach + 0.8 * radius), 0, -0.45 * height), handle, gloss=0.3),
    ]


def _wheels(places: list[float], width: float, radius: float) -> list[Part]:
    """Pairs of wheels along x; tyres with pale hubs."""
    tyre = plain(DARK).copy()
    tyre[4:, 12:-12, 12:-12] = PALE * 0.8
    across = rotation(about_x=90)
    return [turned(CYLINDER, (radius, radius, 0.09), (x, y, radius), tyre, across, gloss=0.1) for x in places for y in (-width, width)]


def _car(rng: np.random.Generator) -> list[Part]:
    first, radius = any_colour(rng), rng.uniform(0.17, 0.22)
    length, width, bonnet = rng.uniform(0.85, 1.05), rng.uniform(0.36, 0.44), rng.uniform(-0.25, 0.1)
    body = plain(first).copy()
    body[0, 10:26, 3:12] = body[0, 10:26, -12:-3] = PALE
    body[2, 10:26, 3:12] = body[2, 10:26, -12:-3] = (0.8, 0.05, 0.05)
    windows = plain(first).copy()
    windows[:4, 6:34, 4:-4] = GLASS
    if rng.random() < 0.5:
        body[5, :, 14:26] = any_colour(rng)
        windows[5, :, 14:26] = body[5, 0, 20]
    cabin = rng.uniform(0.4, 0.6)
    return [
        block((length, width, 0.17), (0, 0, radius + 0.2), body, gloss=0.35),
        block((cabin, 0.86 * width, 0.15), (bonnet, 0, radius + 0.5), windows, gloss=0.35),
        *_wheels([-0.6 * length, 0.6 * length], width, radius),
    ]


def _truck(rng: np.random.Generator) -> list[Part]:
    cab = plain(any_colour(rng)).copy()
    cab[:4, 20:35, 5:-5] = GLASS
    height, length = rng.uniform(0.35, 0.6), rng.uniform(0.55, 0.75)
    load = _any_paint(rng)
    box = block((length, 0.42, height), (-0.35, 0, 0.35 + height), load, gloss=0.1)
    tank = turned(CYLINDER, (0.42, 0.42, length), (-0.35, 0, 0.8), load, rotation(about_y=90), gloss=0.4)
    return [
        block((1.1, 0.36, 0.07), (0, 0, 0.3), plain(DARK * 2)),
        tank if rng.random() < 0.4 else box,
        block((0.28, 0.4, 0.36), (0.8, 0, 0.7), cab, gloss=0.3),
        *_wheels([-0.6, 0.75], 0.4, 0.22),
    ]


def _ball(rng: np.random.Generator) -> list[Part]:
    tilt = rotation(about_x=rng.uniform(20, 60), about_z=rng.uniform(0, 360))
    squash = rng.uniform(0.75, 1)
    return [
        turned(BALL, (1, 1, float(squash)), (0, 0, 0), _any_paint(rng), tilt, (False, False), gloss=0.4),
        turned(cone(1, 0.7), (0.45, 0.45, 0.08), (0, 0, -0.95), plain(any_colour(rng)), gloss=0.1),
    ]


def _vase(rng: np.random.Generator) -> list[Part]:
    low, middle = rng.uniform(0.35, 0.6), rng.uniform(0.55, 0.8)
    lower = (barrel(0.55), cone(0.5, 1), waist(0.7))[rng.integers(3)]
    upper = (cone(0.6, 1), waist(0.6))[rng.integers(2)]
    size = float(rng.uniform(0.35, 0.6))
    first = any_colour(rng)
    parts = [
        turned(lower, (middle, middle, low), (0, 0, 0), painted(first, any_colour(rng), PATTERNS[rng.integers(1, 6)], rng), gloss=0.5),
        turned(upper, (size, size, 0.35), (0, 0, low + 0.33), plain(first), lids=(False, False), gloss=0.5),
    ]
    ear = turned(BALL, (0.16, 0.1, 0.3), (0.9 * middle, 0, 0.2), plain(any_colour(rng)), lids=(False, False), gloss=0.4)
    return [*parts, ear]


def _animal(rng: np.random.Generator) -> list[Part]:
    first, second = any_colour(rng), any_colour(rng)
    fur, round_ = painted(first, second, (dots, blotches)[rng.integers(2)], rng), (False, False)
    legs, neck = rng.uniform(0.2, 0.45), rng.uniform(0.3, 0.7)
    feet = [turned(CYLINDER, (0.11, 0.11, legs), (x, y, -0.3 - legs), plain(first * 0.8)) for x in (-0.45, 0.45) for y in (-0.2, 0.2)]
    head = (0.7, 0.0, neck)
    return [
        turned(BALL, (0.8, 0.42, 0.42), (0, 0, 0), fur, lids=round_),
        turned(BALL, (0.34, 0.28, 0.28), head, plain(first), lids=round_),
        turned(cone(1, 0.3), (0.16, 0.16, 0.16), (1.05, 0, neck - 0.08), plain(second), rotation(about_y=90)),
        turned(BALL, (0.05, 0.3, 0.06), (0.86, 0, neck + 0.1), plain(DARK), lids=round_, gloss=0.5),
        block((0.05, 0.3, 0.12), (0.6, 0, neck + 0.3), plain(second)),
        *feet,
    ]


def _duck(rng: np.random.Generator) -> list[Part]:
    first, round_ = colour(rng.uniform(0.08, 0.2), 0.85, 0.95) if rng.random() < 0.5 else any_colour(rng), (False, False)
    height = rng.uniform(0.5, 0.8)
    wing = painted(first * 0.8, any_colour(rng), blotches, rng)
    return [
        turned(BALL, (0.85, 0.55, 0.45), (0, 0, 0), plain(first), rotation(about_y=-8), round_, gloss=0.3),
        turned(BALL, (0.36, 0.34, 0.34), (0.5, 0, height), plain(first), lids=round_, gloss=0.3),
        turned(BALL, (0.22, 0.16, 0.07), (0.88, 0, height - 0.05), plain(colour(0.06, 0.9, 0.95)), lids=round_, gloss=0.3),
        turned(BALL, (0.5, 0.62, 0.24), (-0.15, 0, 0.08), wing, rotation(about_y=15), round_),
        turned(BALL, (0.07, 0.3, 0.07), (0.68, 0, height + 0.1), plain(DARK), lids=round_, gloss=0.6),
    ]


def _fruit(rng: np.random.Generator) -> list[Part]:
    first, second = colour(rng.uniform(-0.05, 0.33), 0.85, 0.8), colour(rng.uniform(-0.02, 0.3), 0.8, 0.9)
    skin, round_ = painted(first, second, blotches, rng), (False, False)
    height, bulge = rng.uniform(0.5, 1), rng.uniform(0.35, 0.6)
    lean = float(rng.uniform(0.05, 0.3))
    leaf = block((0.3, 0.13, 0.02), (0.25, 0.05, 0.75 * height + 0.5), plain(colour(0.33, 0.8, 0.55)), rotation(about_x=20, about_y=-25))
    return [
        turned(BALL, (0.75, 0.7, 0.7), (0, 0, 0), skin, lids=round_, gloss=0.35),
        turned(BALL, (bulge, bulge, bulge), (lean, 0, 0.75 * height), skin, lids=round_, gloss=0.35),
        turned(CYLINDER, (0.05, 0.05, 0.2), (lean, 0, 0.75 * height + bulge + 0.1), plain(colour(0.08, 0.7, 0.35)), rotation(about_y=20)),
        leaf,
    ]


def _house(rng: np.random.Generator) -> list[Part]:
    wall, roof = any_colour(rng), any_colour(rng)
    length, width, height = rng.uniform(0.6, 0.9), rng.uniform(0.5, 0.65), rng.uniform(0.35, 0.6)
    front = plain(wall).copy()
    front[0, 0:24, 15:25] = 0.3 * roof
    front[1, 14:30, 5:15] = front[1, 14:30, 25:35] = front[3, 14:30, 16:30] = (0.3, 0.45, 0.6)
    slope = 1.1 * width / np.sqrt(2)
    ridge = block((length * 1.05, slope, slope), (0, 0, height), painted(roof, 0.75 * roof, checks, rng), rotation(about_x=45))
    return [
        ridge,
        block((length, width, height), (0, 0, 0), front),
        block((0.1, 0.1, 0.35), (0.5 * length, 0.4 * width, height + 0.6 * width), plain(any_colour(rng))),
    ]


def _tower(rng: np.random.Generator) -> list[Part]:
    parts, height = [], 0.0
    for level in range(int(rng.integers(2, 5))):
        halves = tuple(float(value) * 0.9**level for value in rng.uniform((0.3, 0.3, 0.15), (0.7, 0.6, 0.35)))
        shift = rng.uniform(-0.12, 0.12, 2)
        place = (float(shift[0]), float(shift[1]), height + halves[2])
        turn = rotation(about_z=rng.uniform(0, 90))
        if rng.random() < 0.7:
            parts.append(block((halves[0], halves[1], halves[2]), place, _any_paint(rng), turn))
        else:
            parts.append(turned(CYLINDER, (halves[0], halves[0], halves[2]), place, _any_paint(rng), turn))
        height += 2 * halves[2]
    top = (cone(1, 0.0), DOME)[rng.integers(2)]
    return [*parts, turned(top, (0.3, 0.3, 0.25), (0.05, 0, height + 0.25), _any_paint(rng), lids=OPEN)]


def _figure(rng: np.random.Generator) -> list[Part]:
    shirt, trousers, round_ = any_colour(rng), any_colour(rng), (False, False)
    front = painted(shirt, any_colour(rng), PATTERNS[rng.integers(len(PATTERNS))], rng)
    face = plain(SKIN).copy()
    face[0, 22:27, 8:14] = face[0, 22:27, 26:32] = face[0, 10:13, 12:28] = DARK
    lift = float(rng.uniform(-40, 60))
    arms = [
        block((0.1, 0.1, 0.33), (0.1, side * 0.5, 0.1), plain(shirt * 0.85), rotation(about_x=-side * 20, about_y=-lift * side))
        for side in (-1, 1)
    ]
    return [
        block((0.22, 0.38, 0.4), (0, 0, 0.05), front),
        block((0.17, 0.16, 0.38), (0, -0.2, -0.7), plain(trousers)),
        block((0.17, 0.16, 0.38), (0.03, 0.2, -0.7), plain(trousers * 0.9)),
        turned(CYLINDER, (0.26, 0.26, 0.24), (0, 0, 0.7), face, gloss=0.2),
        turned(DOME, (0.3, 0.3, 0.13), (-0.03, 0, 1.0), plain(any_colour(rng)), gloss=0.2),
        turned(BALL, (0.1, 0.08, 0.08), (0.26, 0, 0.68), plain(SKIN * 0.9), lids=round_),
        *arms,
    ]


def _plane(rng: np.random.Generator) -> list[Part]:
    first, second, round_ = any_colour(rng), any_colour(rng), (False, False)
    sweep, span = float(rng.uniform(0, 25)), float(rng.uniform(0.35, 0.5))
    wings = [
        block(
            (0.2, span, 0.035),
            (-0.05 - 0.004 * sweep, side * span, 0),
            painted(second, first, bars, rng),
            rotation(about_z=side * sweep),
        )
        for side in (-1, 1)
    ]
    return [
        turned(BALL, (0.2, 0.2, 1), (0, 0, 0), painted(first, second, rings, rng), rotation(about_y=90), round_, gloss=0.4),
        turned(BALL, (0.22, 0.12, 0.14), (0.4, 0, 0.13), plain(GLASS), lids=round_, gloss=0.6),
        *wings,
        block((0.14, 0.03, 0.22), (-0.85, 0, 0.2), plain(second), rotation(about_y=-20)),
        block((0.11, 0.35, 0.03), (-0.88, 0, 0.05), plain(second)),
    ]


def _camera(rng: np.random.Generator) -> list[Part]:
    first, second = any_colour(rng) * 0.6, any_colour(rng)
    shift, radius = float(rng.uniform(-0.25, 0.25)), float(rng.uniform(0.28, 0.4))
    glass = plain(DARK * 2).copy()
    glass[5, 8:-8, 8:-8] = (0.2, 0.3, 0.5)
    along = rotation(about_y=90)
    return [
        block((0.28, 0.85, 0.5), (0, 0, 0), painted(first, second, panels, rng), gloss=0.15),
        turned(CYLINDER, (radius, radius, 0.22), (0.45, shift, -0.05), glass, along, gloss=0.4),
        turned(CYLINDER, (1.15 * radius, 1.15 * radius, 0.06), (0.62, shift, -0.05), plain(second), along, gloss=0.4),
        block((0.18, 0.25, 0.12), (0, 0.0, 0.6), plain(second), gloss=0.2),
        turned(CYLINDER, (0.1, 0.1, 0.08), (0, 0.6, 0.57), plain(PALE), gloss=0.5),
    ]


KINDS = (
    _package,
    _can,
    _car,
    _mug,
    _duck,
    _bottle,
    _house,
    _animal,
    _ball,
    _truck,
    _vase,
    _fruit,
    _tower,
    _figure,
    _plane,
    _camera,
)

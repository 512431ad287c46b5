"""The figures of the rendered sprites: a body with two arms, two legs and a head, in the poses of nine motions.

Pictures are 64 x 64, x to the right, y down. A figure looks out of the picture or to the right; to the left is its mirror image.
"""

from __future__ import annotations

import numpy as np

from datasets.rendered.sprite_canvas import Canvas, Point, bell, ellipse, limb
from datasets.rendered.sprite_poses import SLASH, WALK, Limb, Pose, front, profile

SKIN, SHIRT, PANTS, HAIR = range(4)
"""The parts that are dyed."""
LEFT, FRONT, RIGHT = range(3)

BOOT, EYE, WHITE, MOUTH = (104, 66, 40), (28, 22, 40), (250, 250, 255), (150, 60, 50)
STEEL, HILT, SPELL, SPARK, TRACE = (205, 212, 224), (200, 150, 40), (80, 160, 255), (225, 245, 255), (26, 30, 40)
FAR = 0.7
"""Brightness of the arm and the leg on the side away from the viewer."""
MIDDLE, HIPS, SHOULDERS, EYES = 32.0, 43.0, 33.4, 22.0
"""Where a figure that stands upright has them: x of its middle, y of the others."""
BLADE = 14.0
"""How far the point of the sword is from the hand, in pixels."""


def figure(action: int, direction: int, frame: int, skirt: bool) -> np.ndarray:
    """Layers of one figure, [4 + 3, 64, 64] from 0 to 255: skin, shirt, pants and hair to be dyed, then red, green, blue of the rest."""
    canvas = Canvas(parts=4)
    if direction == FRONT:
        _draw_front(canvas, action, front(action, frame), frame, skirt)
    else:
        _draw_profile(canvas, action, profile(action, frame), frame, skirt)
    return canvas.layers()[..., ::-1] if direction == LEFT else canvas.layers()


def _draw_front(canvas: Canvas, action: int, pose: Pose, frame: int, skirt: bool) -> None:
    x, rise = MIDDLE + pose.lean, pose.rise
    hips = HIPS + 0.6 * rise
    shoulders = [(x + 7.4 * side, SHOULDERS + rise) for side in (-1, 1)]
    canvas.paint(ellipse(x, EYES + rise, 10.6, 10.2), HAIR, 0.7)
    for side, angles in zip((-1, 1), pose.legs, strict=True):
        raised = 3.4 * max(0.0, side * pose.swing)
        _leg(canvas, (x + 3.5 * side, hips - raised), angles, 0.6 * side, 1 - 0.06 * raised, skirt)
    if skirt:
        canvas.paint(bell(x, 40 + rise, 54 + 0.4 * rise, 6.2, 10.8, 1.8 * pose.sway), PANTS)
    else:
        canvas.paint(limb((x - 2, hips), (x + 2, hips), 4.2, 4.2), PANTS)
    # In a walk one arm swings behind the body and one before it; a sword is held before everything.
    behind = [side for side in (0, 1) if (pose.sway > 0) == (side == 1) or action != WALK]
    for side in behind:
        if (action, side) != (SLASH, 1):
            _acting_arm(canvas, shoulders[side], pose.arms[side], pose.cast, frame)
    canvas.paint(limb((x, SHOULDERS + 0.2 + rise), (x, 40.5 + rise), 7.6, 6.4), SHIRT)
    canvas.paint(limb((x - 5.6, 43.2 + rise), (x + 5.6, 43.2 + rise), 1.2, 1.2), BOOT)
    for side in {0, 1} - set(behind):
        _acting_arm(canvas, shoulders[side], pose.arms[side], pose.cast, frame, reach=1 - 0.22 * abs(pose.sway))
    _front_face(canvas, x, EYES + rise, blink=0.3 < pose.cast < 0.8)
    if action == SLASH:
        _sword_arm(canvas, shoulders[1], pose.arms[1], pose.cut, 20 - 40 * pose.cut, 230)


def _draw_profile(canvas: Canvas, action: int, pose: Pose, frame: int, skirt: bool) -> None:
    hip, chest = (31.5, HIPS + 0.6 * pose.rise), (31.6 + pose.lean, SHOULDERS + 0.2 + pose.rise)
    far, near = pose.legs
    _leg(canvas, (hip[0] + 0.6, hip[1]), far, 1.4, FAR, skirt)
    _arm(canvas, (chest[0] + 1.4, chest[1]), pose.arms[0], FAR)
    _leg(canvas, (hip[0] - 0.4, hip[1]), near, 1.4, 1.0, skirt)
    if skirt:
        wide = 8.4 + 1.8 * abs(pose.swing)
        canvas.paint(bell(hip[0], 40 + pose.rise, 54 + 0.4 * pose.rise, 5.2, wide, 0.8 * pose.swing), PANTS)
    else:
        canvas.paint(limb((hip[0] - 0.6, hip[1] - 0.5), (hip[0] + 0.6, hip[1] - 0.5), 4.4, 4.4), PANTS)
    canvas.paint(limb(chest, (hip[0] + 0.2 * pose.lean, 40.5 + pose.rise), 5.9, 5.3), SHIRT)
    canvas.paint(limb((hip[0] - 4, 43.2 + pose.rise), (hip[0] + 4, 43.2 + pose.rise), 1.2, 1.2), BOOT)
    _side_face(canvas, 32.4 + 1.2 * pose.lean, EYES + pose.rise, blink=0.3 < pose.cast < 0.8)
    if action == SLASH:
        _sword_arm(canvas, chest, pose.arms[1], pose.cut, 10, 152)
    else:
        _acting_arm(canvas, chest, pose.arms[1], pose.cast, frame)


def _turned(start: Point, degrees: float, length: float) -> Point:
    """The point `length` away from `start`, `degrees` from straight down towards the right."""
    angle = np.radians(degrees)
    return float(start[0] + length * np.sin(angle)), float(start[1] + length * np.cos(angle))


def _arm(canvas: Canvas, shoulder: Point, angles: Limb, bright: float = 1.0, reach: float = 1.0) -> Point:
    """Paints an arm, foreshortened by `reach`; gives the place of its hand."""
    elbow = _turned(shoulder, angles[0], 6.2 * reach)
    wrist = _turned(elbow, angles[1], 4.5 * reach)
    hand = _turned(elbow, angles[1], 7.2 * reach)
    canvas.paint(ellipse(*hand, 2.4, 2.4), SKIN, bright)
    canvas.paint(limb(shoulder, elbow, 2.9, 2.5).joined(limb(elbow, wrist, 2.5, 2.3)), SHIRT, bright)
    return hand


def _acting_arm(canvas: Canvas, shoulder: Point, angles: Limb, cast: float, frame: int, reach: float = 1.0) -> None:
    """An arm, and the ball of light with its sparks that it conjures up."""
    hand = _arm(canvas, shoulder, angles, reach=reach)
    strength = (cast - 0.3) / 0.7
    if strength > 0:
        place = _turned(hand, angles[1], 3.6)
        canvas.glow(ellipse(*place, 1, 1), SPELL, 3 + 7 * strength)
        for spark in range(3):
            canvas.glow(ellipse(*_turned(place, 40.0 * frame + 120 * spark, 3.5 + 3 * strength), 0.3, 0.3), SPARK, 1.6)
        canvas.paint(ellipse(*place, 1.2 + 1.8 * strength, 1.2 + 1.8 * strength), SPARK, rim=False)


def _sword_arm(canvas: Canvas, shoulder: Point, angles: Limb, cut: float, tilt: float, path: float) -> None:
    """An arm with a sword, turned by `tilt` from the forearm, and the trace of its blade on a `path` of so many degrees."""
    if cut:
        for back in np.linspace(0, 1, 22):
            elbow = _turned(shoulder, angles[0] + 0.3 * path * back, 6.2)
            place = _turned(elbow, angles[1] + tilt + 0.4 * path * back, 7.2 + BLADE - 2)
            red, green, blue = (level * float(1 - back) ** 1.5 for level in TRACE)
            canvas.glow(ellipse(*place, 0.8, 0.8), (red, green, blue), 4.2)
    hand = _arm(canvas, shoulder, angles)
    blade = angles[1] + tilt
    canvas.paint(limb(_turned(hand, blade, 2.5), _turned(hand, blade, BLADE), 1.5, 0.9), STEEL)
    canvas.paint(
        limb(_turned(_turned(hand, blade, 2.4), blade + 90, 3.2), _turned(_turned(hand, blade, 2.4), blade - 90, 3.2), 1.1, 1.1), HILT
    )
    canvas.paint(ellipse(*hand, 2.4, 2.4), SKIN)


def _leg(canvas: Canvas, hip: Point, angles: Limb, toes: float, bright: float, bare: bool) -> None:
    """Paints a leg with its boot, the toes `toes` pixels ahead; under a skirt it is `bare`."""
    knee = _turned(hip, angles[0], 6.4)
    ankle = _turned(knee, angles[1], 6.0)
    canvas.paint(limb(hip, knee, 3.3, 2.8).joined(limb(knee, ankle, 2.8, 2.5)), SKIN if bare else PANTS, bright)
    sole = ellipse(ankle[0] + toes, ankle[1] + 1.6, 3.0 + 0.4 * abs(toes), 2.2)
    canvas.paint(limb(_turned(knee, angles[1], 4.4), ankle, 2.8, 2.7).joined(sole), BOOT, bright)


def _front_face(canvas: Canvas, x: float, y: float, blink: bool) -> None:
    for side in (-1, 1):
        canvas.paint(ellipse(x + 9.2 * side, y + 0.9, 1.7, 2.0), SKIN)
    canvas.paint(ellipse(x, y + 0.1, 9.2, 8.6), SKIN)
    for side in (-1, 1):
        _eye(canvas, x + 3.7 * side, y + 1.1, 1.5, blink)
    canvas.paint(ellipse(x, y + 5.1, 1.5, 0.5), MOUTH, rim=False)
    fringe = ellipse(x, y - 1.3, 10.6, 9.8).cut(lambda px, py: py - (y - 3.1) + 1.1 * np.cos((px - x) * 1.35))
    for side in (-1, 1):
        fringe = fringe.joined(limb((x + 9.3 * side, y - 4), (x + 9.0 * side, y + 3), 1.7, 0.8))
    canvas.paint(fringe, HAIR)


def _side_face(canvas: Canvas, x: float, y: float, blink: bool) -> None:
    canvas.paint(ellipse(x + 8.6, y + 1.7, 1.7, 1.4), SKIN)
    canvas.paint(ellipse(x + 0.6, y + 0.3, 8.6, 8.5), SKIN)
    _eye(canvas, x + 5.2, y + 1.0, 1.2, blink)
    canvas.paint(ellipse(x + 6.4, y + 5.1, 1.3, 0.5), MOUTH, rim=False)
    fringe = ellipse(x - 0.6, y - 1.3, 10.2, 9.8).cut(lambda px, py: py - (y - 3.3) + 1.0 * np.cos((px - x - 2) * 1.35))
    nape = ellipse(x - 1.6, y - 0.3, 10.0, 9.9).cut(lambda px, py: px - (x - 2.2) + 0.12 * (py - y))
    canvas.paint(fringe.joined(nape), HAIR)
    canvas.paint(ellipse(x - 1.2, y + 1.5, 1.7, 2.1), SKIN)


def _eye(canvas: Canvas, x: float, y: float, wide: float, blink: bool) -> None:
    canvas.paint(ellipse(x, y, wide, 0.5 if blink else 2.0), EYE, rim=False)
    if not blink:
        canvas.paint(ellipse(x - 0.4, y - 0.7, 0.6, 0.7), WHITE, rim=False)

"""What FlatLand's public generator writes: inputs.npy, frames [N, 64, 64, 3] float32 0 or 1, and actions.npy, numbers [N] from 0 to 3.

Source: Caselles-Dupre et al. (2019, arXiv 1904.00243), released code, flat_game/generate_data.py. It walks 10,000 steps, and drops its
last frame and its first action, so that 9,999 rows of each are left: action k leads from frame k to frame k + 1, the last one nowhere.

Frames that are entirely black are not written there, and pictures of an earlier run that lie in images/ are read again; either shifts
actions against frames. Both are found out: by lengths, and by actions that cannot lead from their frame to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from datasets.data_folder import VARIABLE, data_folder, found
from datasets.worlds.disc import SIZE, Disc
from datasets.worlds.flatland_rules import MOVES, SMALL_BALL, STANDARD, Edition
from foundation.damaged_npz import DAMAGE
from foundation.errors import UserError

NAME = "flatland_file"
FRAMES, ACTIONS = "inputs.npy", "actions.npy"
CHUNK_FRAMES = 500
EDGE = 1.5
"""Pixels about the edge of a disc that may be black or white: versions of pygame round circles differently."""
NOWHERE = -1


class Unexpected(ValueError):
    """The files are cut, damaged, or hold something else; the message says what."""


def places(edition: Edition, name: str) -> tuple[str, ...]:
    """Where a file of the generator is looked for in the data folder."""
    return f"{edition.name}/{name}", f"flat_game/{name}", name


def folder(edition: Edition, root: str | None) -> Path:
    """The folder with both files. Raises UserError that says which are needed, where, and how they are made. Nothing is opened."""
    frames = found(places(edition, FRAMES), root)
    if frames is not None and (frames.parent / ACTIONS).exists():
        return frames.parent
    held = data_folder(root)
    where = f"in {frames.parent}" if frames else f"in {held}/{edition.name}" if held else f"in a data folder ({VARIABLE} is not set)"
    raise UserError(
        f"{NAME}: there is no {ACTIONS if frames else f'{FRAMES} with its {ACTIONS}'} {where}; FlatLand's public generator makes both: "
        f"`python prepare_datasets.py fetch {NAME}` says how, and the data set flatland needs no file"
    )


def frames_of(path: Path) -> np.ndarray:
    """The frames [N, 64, 64, 3] float32 of inputs.npy, mapped. Raises Unexpected."""
    frames = _mapped(path)
    if frames.ndim == 2:
        raise Unexpected(f"{path} holds codes {list(frames.shape)}, as generate_data_small_ball.py writes them, and no frames")
    if frames.shape[1:] != (SIZE, SIZE, 3) or len(frames) < 2 or frames.dtype != np.float32:
        raise Unexpected(f"{path} is {frames.dtype} {list(frames.shape)}, not float32 [N, {SIZE}, {SIZE}, 3]")
    return frames


def actions_of(path: Path) -> np.ndarray:
    """The actions [N] int64 of actions.npy. Raises Unexpected."""
    actions = _mapped(path)
    if actions.ndim != 1 or actions.dtype.kind not in "iu":
        raise Unexpected(f"{path} is {actions.dtype} {list(actions.shape)}, not whole numbers [N]")
    outside = np.flatnonzero((actions < 0) | (actions >= len(MOVES)))
    if len(outside):
        raise Unexpected(f"{path}: action {outside[0]} is {actions[outside[0]]}, not 0 to {len(MOVES) - 1}")
    return np.array(actions, np.int64)


def unequal(frames: np.ndarray, actions: np.ndarray) -> str | None:
    """What is wrong where there are not as many actions as frames, else None."""
    if len(frames) == len(actions):
        return None
    fewer = "a frame that is entirely black is not written" if len(frames) < len(actions) else "pictures of an earlier run were in images/"
    return f"{len(frames):,} frames in {FRAMES}, but {len(actions):,} actions in {ACTIONS}, where they should be as many ({fewer})"


def pictures(frames: np.ndarray, edition: Edition) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """(first row, pictures [B, 64, 64] bool, positions [B, 2]) of all frames in order.

    Raises Unexpected for a frame that is not black and white, or in which there is no disc of this edition.
    """
    for start in range(0, len(frames), CHUNK_FRAMES):
        chunk = frames[start : start + CHUNK_FRAMES]
        plain = np.all(((chunk == 0) | (chunk == 1)) & (chunk == chunk[..., :1]), axis=(1, 2, 3))
        if not plain.all():
            raise Unexpected(f"frame {start + int(plain.argmin())} of {FRAMES} is not black (0) and white (1)")
        white = chunk[..., 0] == 1
        positions = located(white, edition)
        lost = np.any(positions == NOWHERE, axis=1)
        if lost.any():
            raise Unexpected(_no_disc(start + int(lost.argmax()), white[lost.argmax()], edition))
        yield start, white, positions


def located(white: np.ndarray, edition: Edition) -> np.ndarray:
    """Where the disc of `edition` is on pictures [B, 64, 64] bool: the whole pixel (x, y) of the ball in its arena, [B, 2] int64.

    -1 where there is no such disc: it has a size of its own, and but for its edge every pixel must be right.
    """
    reach, found_ = int(edition.radius), []
    for axis in (1, 2):  # what the columns hold, then the rows
        line = np.any(white, axis=axis)
        first, last = line.argmax(axis=1), SIZE - 1 - line[:, ::-1].argmax(axis=1)
        cut = (first == 0) & (last + 1 < 2 * reach)
        found_.append(np.where(cut, last + 1 - reach, first + reach))
    columns, rows = np.clip(found_, 0, SIZE)
    inner, outer = (Disc(edition.drawn_radius + more).draw(columns, rows, 1)[:, 0].numpy() > 0 for more in (-EDGE, EDGE))
    positions = np.stack([columns + edition.left, edition.top - rows], axis=1)
    lowest, highest = edition.reach
    inside = np.all((positions >= lowest) & (positions <= highest), axis=1)
    there = inside & np.all((white >= inner) & (white <= outer), axis=(1, 2))
    return np.where(there[:, None], positions, NOWHERE)


def misfits(positions: np.ndarray, actions: np.ndarray, edition: Edition) -> np.ndarray:
    """Actions k that do not lead from positions k to k + 1 by the rules, whichever half of its pixel the ball was in."""
    before, after = positions[:-1], positions[1:]
    lowest, highest = edition.reach
    free = np.all((positions > lowest) & (positions < highest), axis=1)
    plain = free[:-1] & free[1:] & np.all(after - before == np.array(MOVES)[actions] * edition.step, axis=1)
    return np.array([k for k in np.flatnonzero(~plain) if not _leads(before[k], int(actions[k]), after[k], edition)], np.int64)


def misfit_line(wrong: np.ndarray, actions: int) -> str:
    """The first action that does not fit, and how many there are."""
    return (
        f"action {wrong[0]} does not lead from frame {wrong[0]} to frame {wrong[0] + 1} by the rules of FlatLand, and {len(wrong):,} of "
        f"{actions:,} do not lead from theirs to the next (a frame that is not written shifts all later actions)"
    )


def check(root: str | None) -> list[str]:
    """What differs from what the public generator writes, one line each: headers, values, discs, actions. Reads everything (1 s).

    Walks of any length will do. Raises UserError where a file is absent.
    """
    where = folder(STANDARD, root)
    try:
        frames, actions = frames_of(where / FRAMES), actions_of(where / ACTIONS)
        positions = np.concatenate([found_ for _, _, found_ in pictures(frames, STANDARD)])
    except Unexpected as unexpected:
        return [f"{where}: {unexpected}"]
    common = min(len(positions) - 1, len(actions))
    wrong = misfits(positions[: common + 1], actions[:common], STANDARD)
    lines = [unequal(frames, actions), misfit_line(wrong, common) if len(wrong) else None]
    return [f"{where}: {line}" for line in lines if line]


def _mapped(path: Path) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGE as error:
        raise Unexpected(f"{path} is cut, damaged, or no npy file ({error})") from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise Unexpected(f"{path} is an npz, not an npy file")
    return array


def _no_disc(frame: int, white: np.ndarray, edition: Edition) -> str:
    other = STANDARD if edition is SMALL_BALL else SMALL_BALL
    if not white.any():
        return f"frame {frame} of {FRAMES} is entirely black"
    if (located(white[None], other) != NOWHERE).all():
        return f"frame {frame} of {FRAMES} shows the ball of {other.name}, not that of {edition.name}; small_ball tells them apart"
    return f"frame {frame} of {FRAMES} shows no ball of {edition.name}"


def _leads(before: np.ndarray, action: int, after: np.ndarray, edition: Edition) -> bool:
    x, y = before.tolist()
    reached = [edition.moved(x + right, y + up, action) for right in (0.0, 0.5) for up in (0.0, 0.5)]
    return tuple(after) in {(int(right), int(up)) for right, up in reached}

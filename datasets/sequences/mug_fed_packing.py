"""A folder of aligned face frames becomes the two files of MUG-FED, without any pickle.

OpenFace 2.0 (Baltrusaitis et al. 2018) writes the frames: for every take of the MUG database, which comes as
SUBJECT/ACTION/TAKE/img_0000.jpg and so on,

    FeatureExtraction -fdir MUG/001/anger/take000 -out_dir aligned/001/anger -simalign -simsize 112 -nomask -format_aligned png

which gives aligned/001/anger/take000_aligned/frame_det_00_000001.png (bmp by default). Without `-nomask` the surroundings of the
face are black. The folder `aligned` is then packed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from datasets.sequences.mug_fed_file import ACTIONS, FACE_SHAPE, FRAMES_FILE, LABELS_FILE, NAME
from foundation.atomic_files import atomic_path
from foundation.errors import UserError

_FRAME = re.compile(r"frame_det_00_(\d+)\.(bmp|png|jpe?g)", re.IGNORECASE)
_ALIGNED = "_aligned"


def pack(folder: str | Path, out: str | Path) -> str:
    """Writes MUG_0-255_OF_112x112_color.npz and labels.npz into `out`, and returns one line that says what is in them.

    Identities are numbered in the order of their folders' names, actions 0 to 8 in alphabetical order, as in the authors' files.
    Raises UserError for a folder without frames, a layout or an action that is not known, and frames that are not 112 x 112.
    """
    folder, out = Path(folder), Path(out)
    takes = _takes(folder)
    subjects = sorted({subject for subject, _, _ in takes}, key=_natural)
    labels = [(subjects.index(subject), ACTIONS.index(action)) for subject, action, _ in takes]
    lengths = np.array([len(frames) for _, _, frames in takes], dtype=np.int64)
    _write_frames(out / FRAMES_FILE, lengths, (frame for _, _, frames in takes for frame in frames))
    with atomic_path(out / LABELS_FILE) as temporary, open(temporary, "wb") as file:
        np.savez(file, arr_0=np.array(labels, dtype=np.int64))
    return (
        f"{len(takes)} sequences of {len(subjects)} people, {lengths.min()} to {lengths.max()} frames, "
        f"actions {', '.join(sorted({action for _, action, _ in takes}))}: {out / FRAMES_FILE} and {LABELS_FILE}"
    )


def _takes(folder: Path) -> list[tuple[str, str, list[Path]]]:
    """(subject, action, frames in order) of every folder that holds frames, in natural order."""
    if not folder.is_dir():
        raise UserError(f"{NAME}: {folder} is not a folder")
    found: dict[Path, list[tuple[int, Path]]] = {}
    for path in folder.rglob("*"):
        match = _FRAME.fullmatch(path.name)
        if match:
            found.setdefault(path.parent, []).append((int(match[1]), path))
    if not found:
        raise UserError(f"{NAME}: {folder} holds no frames called frame_det_00_000001.bmp or .png; OpenFace 2.0 writes them "
                        "(FeatureExtraction -simalign -simsize 112)")  # fmt: skip
    takes = []
    for place in sorted(found, key=lambda place: _natural(str(place))):
        parts = place.relative_to(folder).parts
        if len(parts) < 2:
            raise UserError(f"{NAME}: {place} is not SUBJECT/ACTION/TAKE{_ALIGNED} below {folder}; the folders tell who shows what")
        action = parts[1].removesuffix(_ALIGNED).lower()
        if action not in ACTIONS:
            raise UserError(f"{NAME}: {place} lies under the action {action!r}; actions are {', '.join(ACTIONS)}")
        numbers = [number for number, _ in found[place]]
        if len(set(numbers)) < len(numbers):
            raise UserError(f"{NAME}: {place} holds a frame twice, as bmp and as png perhaps; keep one of them")
        takes.append((parts[0], action, [path for _, path in sorted(found[place])]))
    return takes


def _write_frames(path: Path, lengths: np.ndarray, frames: Iterable[Path]) -> None:
    """The archive of frames and lengths, a frame at a time."""
    description = {"descr": "|u1", "fortran_order": False, "shape": (int(lengths.sum()), *FACE_SHAPE)}
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("lengths.npy", "w") as file:
            np.lib.format.write_array(file, lengths, allow_pickle=False)
        with archive.open("frames.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array_header_1_0(file, description)
            for frame in frames:
                file.write(_face(frame).tobytes())


def _face(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as image:
            face = np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UserError(f"{NAME}: cannot read the frame {path}: {error}") from error
    if face.shape != FACE_SHAPE:
        raise UserError(f"{NAME}: {path} is {face.shape[1]} x {face.shape[0]}, not 112 x 112; run OpenFace with -simsize 112")
    return face


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts take2 before take10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]

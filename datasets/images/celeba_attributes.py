"""The list of attributes of CelebA, as its publisher (list_attr_celeba.txt) and as Kaggle (list_attr_celeba.csv) write it.

Text: the number of faces, the names of the attributes, then a line per face: 000001.jpg and forty times -1 or 1. Comma-separated:
image_id and the names, then a line per face.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets.packed_cache import packed_array
from foundation.errors import UserError

ATTRIBUTES = (
    "5_o_Clock_Shadow",
    "Arched_Eyebrows",
    "Attractive",
    "Bags_Under_Eyes",
    "Bald",
    "Bangs",
    "Big_Lips",
    "Big_Nose",
    "Black_Hair",
    "Blond_Hair",
    "Blurry",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Chubby",
    "Double_Chin",
    "Eyeglasses",
    "Goatee",
    "Gray_Hair",
    "Heavy_Makeup",
    "High_Cheekbones",
    "Male",
    "Mouth_Slightly_Open",
    "Mustache",
    "Narrow_Eyes",
    "No_Beard",
    "Oval_Face",
    "Pale_Skin",
    "Pointy_Nose",
    "Receding_Hairline",
    "Rosy_Cheeks",
    "Sideburns",
    "Smiling",
    "Straight_Hair",
    "Wavy_Hair",
    "Wearing_Earrings",
    "Wearing_Hat",
    "Wearing_Lipstick",
    "Wearing_Necklace",
    "Wearing_Necktie",
    "Young",
)
_VALUES = {b"1": 1, b"0": 0, b"-1": 0}


def packed(path: Path) -> np.ndarray:
    """The attributes [N, 40] uint8, 0 or 1, in the order of the list, read once for all runs.

    Raises UserError for a list of other attributes, names that are not numbered in order, and values that are not -1, 0 or 1.
    """
    rows = _rows(path)
    identity = f"{path.resolve()} {path.stat().st_size} {path.stat().st_mtime_ns}"

    def fill(target: np.ndarray) -> None:
        for row, line in enumerate(rows):
            name, *values = _fields(line) or [b""]
            if name != b"%06d.jpg" % (row + 1):
                raise _refusal(path, f"face {row + 1:,} is {name.decode(errors='replace')[:40]!r}, not {row + 1:06d}.jpg")
            try:
                target[row] = [_VALUES[value] for value in values]
            except (KeyError, ValueError) as error:
                raise _refusal(path, f"{name.decode()} does not have {len(ATTRIBUTES)} values of -1, 0 or 1") from error

    return packed_array("celeba-attributes", identity, (len(rows), len(ATTRIBUTES)), fill)


def _rows(path: Path) -> list[bytes]:
    """The lines of the faces, after what stands before them was checked."""
    try:
        lines = path.read_bytes().rstrip().splitlines()
    except OSError as error:
        raise _refusal(path, f"it cannot be read ({error.strerror})") from error
    if path.suffix == ".csv":
        head, rows = _fields(lines[0])[1:] if lines else [], lines[1:]
    else:
        head, rows = _fields(lines[1]) if len(lines) > 1 else [], lines[2:]
        if not rows or lines[0].strip() != str(len(rows)).encode():
            raise _refusal(path, f"its first line is not the number of its faces, {len(rows):,}: it is cut, or something else")
    names = tuple(field.decode(errors="replace") for field in head)
    if names != ATTRIBUTES or not rows:
        unknown = next((f" ({name[:40]!r} among them)" for name in names if name not in ATTRIBUTES), "")
        raise _refusal(path, f"it has {len(names)} columns{unknown} and {len(rows):,} faces")
    return rows


def _fields(line: bytes) -> list[bytes]:
    return line.replace(b",", b" ").split()


def _refusal(path: Path, reason: str) -> UserError:
    return UserError(
        f"celeba: {path} is not the published list: {reason}; expected are {len(ATTRIBUTES)} attributes of faces 000001.jpg, "
        "000002.jpg, ...; `python prepare_datasets.py fetch celeba` says where it is"
    )

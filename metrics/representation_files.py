"""Saved representations: the folder with representations.npz and classes.csv that the field exchanges.

`representations.npz` holds the arrays `mean` and `sampled`, [N, D] float32 each (posterior means, one posterior draw);
`classes.csv` a header of factor names and N rows of values (Dapueto et al. 2024). Our own folders hold `factors.json` beside
them: names, sizes and kinds of the factors, how the samples were drawn, and blocks of dimensions. representations.npz is
written last and removed first: where it exists, the folder is complete.

Without factors.json the values of a factor may be any numbers; they are ranked, 0 to K - 1, and count as ordinal unless told
otherwise. Nothing is unpickled. The classes are in `class_table`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from datasets.factor_space import KINDS, FactorSpace
from foundation.atomic_files import atomic_open, disk_errors, write_text
from foundation.damaged_npz import DAMAGE
from foundation.errors import UserError
from metrics.class_table import ClassTable, read_classes, write_classes
from metrics.representation import Representation

MODES = ("mean", "sampled")
CODES, CLASSES, DESCRIPTION = "representations.npz", "classes.csv", "factors.json"


@dataclass(frozen=True)
class Description:
    """What factors.json tells: the space of the factors (None: not told), the name of the sample, the blocks of dimensions."""

    factor_space: FactorSpace | None = None
    sample: str = "file"
    blocks: Mapping[str, slice] = field(default_factory=dict)


def load_representation(folder: Path, mode: str = "mean", kinds: Mapping[str, str] | None = None) -> Representation:
    """The codes of `mode` ("mean" or "sampled") and the factors of a folder; `kinds` (factor name -> kind) overrides its own.

    Raises UserError for whatever is missing, broken, of unequal length, not a number, or not finite, naming file and place.
    """
    if not Path(folder).is_dir():
        raise UserError(f"there is no folder {folder}; name one that holds {CODES} and {CLASSES}")
    return load_files(Path(folder) / CODES, Path(folder) / CLASSES, mode, kinds)


def load_files(codes_path: Path, classes_path: Path, mode: str = "mean", kinds: Mapping[str, str] | None = None) -> Representation:
    """As `load_representation`, from two files of any name; factors.json is looked for beside the classes."""
    codes = read_codes(codes_path, mode)
    table = read_classes(classes_path)
    if len(table.values) != len(codes):
        rows = f"{codes_path} has {len(codes)} rows, but {classes_path.name} {len(table.values)}"
        raise UserError(f"{rows}; each code needs its row of classes")
    description = read_description(classes_path.parent / DESCRIPTION)
    factors, space = _typed(table, description.factor_space, kinds or {}, classes_path)
    try:
        return Representation(codes, factors, space, mode, description.sample, description.blocks)
    except UserError as error:
        raise UserError(f"{codes_path}: {error}") from error


def save_representation(
    folder: Path,
    codes: Mapping[str, np.ndarray],
    factors: np.ndarray,
    factor_space: FactorSpace,
    *,
    sample: str = "uniform",
    blocks: Mapping[str, slice] | None = None,
) -> None:
    """Writes the codes of each mode ("mean", "sampled"; [N, D], as float32) and factors [N, F]; replaces what the folder held.

    Raises UserError, and leaves the folder as it is, where `Representation` would refuse them.
    """
    for mode, array in codes.items():
        Representation(array, factors, factor_space, mode, sample)
    folder = Path(folder)
    description = {
        "names": factor_space.names,
        "sizes": factor_space.sizes,
        "kinds": factor_space.kinds,
        "sample": sample,
        "blocks": {name: [block.start, block.stop] for name, block in (blocks or {}).items()},
    }
    with disk_errors(folder):
        (folder / CODES).unlink(missing_ok=True)
    write_text(folder / DESCRIPTION, json.dumps(description, indent=1, ensure_ascii=False) + "\n")
    write_classes(folder / CLASSES, ClassTable(factor_space.names, factors))
    with atomic_open(folder / CODES, "wb") as file:
        np.savez(file, **{mode: array.astype(np.float32) for mode, array in codes.items()})  # type: ignore[arg-type]


def read_codes(path: Path, mode: str) -> np.ndarray:
    """The array `mode` of an npz file, [N, D] float64. Raises UserError where it is not there or not an array of numbers."""
    try:
        with open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise UserError(f"{path} holds one bare array; save it with np.savez(..., mean=codes)")
            if mode not in archive.files:
                raise UserError(f"{path} has no array {mode!r}; the arrays there are {', '.join(archive.files) or 'none'}")
            codes = archive[mode]
    except FileNotFoundError as error:
        raise UserError(f"there is no file {path}") from error
    except DAMAGE as error:
        raise UserError(f"{path} cannot be read as arrays of numbers ({_first_line(error)}); save it again with np.savez") from error
    if not (np.issubdtype(codes.dtype, np.floating) or np.issubdtype(codes.dtype, np.integer)):
        raise UserError(f"the array {mode!r} of {path} holds {codes.dtype}; codes must be real numbers")
    return codes.astype(np.float64)


def read_description(path: Path) -> Description:
    """What factors.json says; nothing where there is none. Raises UserError where it cannot be understood."""
    if not path.exists():
        return Description()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        space = FactorSpace(tuple(content["names"]), tuple(content["sizes"]), tuple(content["kinds"]))
        blocks = {name: slice(int(start), int(stop)) for name, (start, stop) in content.get("blocks", {}).items()}
        return Description(space, str(content.get("sample", "file")), blocks)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UserError) as error:
        raise UserError(f"{path} cannot be understood ({_first_line(error)}); mend it, or delete it to go by {CLASSES} alone") from error


def _typed(table: ClassTable, told: FactorSpace | None, kinds: Mapping[str, str], path: Path) -> tuple[np.ndarray, FactorSpace]:
    """Values with their kinds and sizes: ranked where nothing is known of them, checked where factors.json knows."""
    if told is not None and told.names != table.names:
        raise UserError(f"{path} has the factors {', '.join(table.names)}, but {DESCRIPTION} beside it {', '.join(told.names)}")
    for name, kind in kinds.items():
        if name not in table.names:
            raise UserError(f"there is no factor {name!r} in {path}; the factors are {', '.join(table.names)}")
        if kind not in KINDS:
            raise UserError(f"factor {name} cannot be of kind {kind!r}; kinds are {', '.join(KINDS)}")
    columns, sizes, final_kinds = [], [], []
    for i, name in enumerate(table.names):
        values = table.values[:, i]
        kind = kinds.get(name, told.kinds[i] if told is not None else "ordinal")
        size = 0
        if kind != "continuous":
            known = told.sizes[i] if told is not None else 0
            values, size = _in_range(values, known, name, path) if known else _ranked(values)
        columns.append(values)
        sizes.append(size)
        final_kinds.append(kind)
    dtype = np.float64 if "continuous" in final_kinds else np.int64
    return np.stack(columns, axis=1).astype(dtype), FactorSpace(table.names, tuple(sizes), tuple(final_kinds))


def _ranked(values: np.ndarray) -> tuple[np.ndarray, int]:
    different, ranks = np.unique(values, return_inverse=True)
    return ranks, len(different)


def _in_range(values: np.ndarray, size: int, name: str, path: Path) -> tuple[np.ndarray, int]:
    wrong = np.flatnonzero((values < 0) | (values >= size) | (values != np.floor(values)))
    if len(wrong):
        found, told = f"{name} is {values[wrong[0]]:g}", f"{DESCRIPTION} gives it {size} values, 0 to {size - 1}"
        raise UserError(f"{path}, line {wrong[0] + 2}: {found}, but {told}")
    return values, size


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]

"""classes.csv: a header of factor names, then the value of every factor for each sample."""

from __future__ import annotations

import csv
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from foundation.atomic_files import atomic_open
from foundation.errors import UserError


@dataclass(frozen=True)
class ClassTable:
    """Factor names [F] and their values [N, F]."""

    names: tuple[str, ...]
    values: np.ndarray


def read_classes(path: Path) -> ClassTable:
    """Reads a table of finite numbers (float64). Raises UserError naming line and column of what is missing or not a number."""
    import pandas  # half a second that only those who read a file need to spend

    names = _header(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)  # rows longer than the header are cut off otherwise
            frame = pandas.read_csv(path, header=None, names=range(len(names)), skiprows=1, index_col=False, skipinitialspace=True)
    except pandas.errors.EmptyDataError:
        frame = pandas.DataFrame()
    except (pandas.errors.ParserError, pandas.errors.ParserWarning, UnicodeDecodeError, OSError) as error:
        reason = str(error).strip().splitlines()[0].rpartition("C error: ")[2]
        raise UserError(f"{path} is not a table of {len(names)} columns ({reason}); give each row as many values as the header") from error
    if frame.empty:
        raise UserError(f"{path} has a header and no rows; give it one row for each sample")
    columns = [_numbers(frame[i], name, path) for i, name in enumerate(names)]
    return ClassTable(names, np.stack(columns, axis=1))


def write_classes(path: Path, table: ClassTable) -> None:
    """Writes the table; it appears under its name when it is complete."""
    import pandas

    with atomic_open(path) as file:
        pandas.DataFrame(table.values, columns=list(table.names)).to_csv(file, index=False, lineterminator="\n")


def _header(path: Path) -> tuple[str, ...]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            names = tuple(name.strip() for name in next(csv.reader(file), []))
    except FileNotFoundError as error:
        raise UserError(f"there is no file {path}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as text ({error}); save it as CSV in UTF-8") from error
    if not any(names):
        raise UserError(f"{path} is empty; its first line must name the factors")
    if "" in names:
        raise UserError(f"column {names.index('') + 1} of {path} has no name; save the table without row numbers (index=False)")
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise UserError(f"{path} names the factor {repeated[0]!r} twice; give every column a name of its own")
    if all(_is_number(name) for name in names):
        raise UserError(f"{path} begins with numbers ({', '.join(names[:3])} ...); its first line must name the factors")
    return names


def _numbers(column, name: str, path: Path) -> np.ndarray:  # type: ignore[no-untyped-def]
    import pandas

    numbers: np.ndarray = pandas.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        value = column.iloc[wrong[0]]
        what = "is missing" if pandas.isna(value) else f"is {str(value)!r}, which is not a finite number"
        raise UserError(f"{path}, line {wrong[0] + 2}: the value of {name} {what}; factors are given as numbers, one in every row")
    return numbers


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

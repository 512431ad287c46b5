"""The files that scores of saved codes are written to: JSON rows, CSV, LaTeX, heat maps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from foundation.atomic_files import write_text
from foundation.errors import UserError
from metrics.scores import Matrix, Scores
from results.score_lines import Line, as_csv
from results.score_table import latex


def write_json(path: Path, found: Mapping[str, Mapping[str, Scores]], across: Scores) -> None:
    """All rows of all folders; the setting tells the folder where there are several."""
    rows = []
    for name, scores in found.items():
        for row in (row.as_json() for one in scores.values() for row in one.rows):
            if len(found) > 1:
                row["setting"] = {"folder": name, **row["setting"]}  # type: ignore[dict-item]
            rows.append(row)
    rows += [row.as_json() for row in across.rows]
    write_text(path, "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")


def write_csv(path: Path, lines: Sequence[Line]) -> None:
    """One line for each score."""
    write_text(path, as_csv(lines))


def write_latex(path: Path, lines: Sequence[Line]) -> None:
    """The summary, as a table."""
    folders = list(dict.fromkeys(line.folder for line in lines))
    notes = ["null: shuffled codes", "ceiling: a perfect code on the same samples"]
    write_text(path, latex(lines, f"Scores of {', '.join(Path(folder).resolve().name for folder in folders)}", notes))


def write_figures(path: Path, found: Mapping[str, Mapping[str, Scores]], across: Scores) -> list[Path]:
    """One heat map for each matrix: all in one file where `path` ends in .png, else one file each in that folder.

    Returns what was written. Raises UserError where matplotlib is not installed.
    """
    matrices: dict[str, Matrix] = {}
    for name, scores in found.items():
        several = f"{Path(name).name} " if len(found) > 1 else ""
        for metric, one in scores.items():
            for title, matrix in one.matrices.items():
                plain = title.removeprefix(f"{metric}_").removesuffix(f"_{metric.removeprefix('omes_')}")
                matrices[f"{several}{metric} {plain}".replace("_", " ")] = matrix
    matrices |= {title.replace("_", " "): matrix for title, matrix in across.matrices.items()}
    if not matrices:
        return []
    try:
        from results.heat_maps import heat_map, heat_maps
    except ImportError as error:
        raise UserError(f"--figure needs {error.name}, which is not installed here: python -m pip install matplotlib") from error
    if path.suffix.lower() == ".png":
        heat_maps(matrices, path)
        return [path]
    written = []
    for title, matrix in matrices.items():
        written.append(path / f"{title.replace(' ', '_')}.png")
        heat_map(matrix, title, written[-1], largest=None)
    return written

"""Scores as lines: each number with its interval, null and ceiling beside it, ready for a terminal, CSV or LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from metrics.intervals import score_setting
from metrics.scores import Row, Scores, Setting, score_rows

COMPANIONS = ("low", "high", "null", "ceiling", "standard_error")
HEADER = ("folder", "metric", "factor", "setting", "value", *COMPANIONS, "interval")
SHARED = ("mode", "sample")  # the same in all rows, said once above the table


@dataclass(frozen=True)
class Line:
    """One score of one folder, and what belongs to it: COMPANIONS -> value, where there is one."""

    folder: str
    row: Row
    beside: Mapping[str, float]
    interval: str = ""

    @property
    def setting(self) -> str:
        """The setting as text, without what all rows share."""
        return setting_text(self.row.setting)


def lines_of(folder: str, scores: Scores) -> list[Line]:
    """One line for each row that is a score."""
    companions: dict[tuple[object, ...], tuple[float, str]] = {}
    for row in scores.rows:
        for kind in COMPANIONS:
            if row.metric.endswith(f"_{kind}"):
                key = row.metric.removesuffix(f"_{kind}"), kind, _plain(row.setting), row.factor
                companions[key] = row.value, str(row.setting.get("interval", ""))
    lines = []
    for row in score_rows(scores.rows):
        keys = {kind: (row.metric, kind, _plain(row.setting), row.factor) for kind in COMPANIONS}
        beside = {kind: companions[key][0] for kind, key in keys.items() if key in companions}
        how = companions[keys["low"]][1] if "low" in beside else ""
        lines.append(Line(folder, row, beside, how))
    return lines


def short_settings(lines: Sequence[Line], width: int = 44) -> list[str]:
    """The setting of each line in about so many characters: first what tells it from other lines of its metric, then what fits."""
    texts = []
    for line in lines:
        others = [other.row.setting for other in lines if other.row.metric == line.row.metric]
        setting = {name: value for name, value in line.row.setting.items() if name not in SHARED}
        telling = {name: value for name, value in setting.items() if any(other.get(name) != value for other in others)}
        text = setting_text(telling)
        for name, value in setting.items():
            more = ", ".join(filter(None, (text, setting_text({name: value}))))
            if name not in telling and len(more) <= width:
                text = more
        texts.append(text)
    return texts


def setting_text(setting: Setting) -> str:
    """Names and values, without what all rows share."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in setting.items() if name not in SHARED)


def as_csv(lines: Iterable[Line]) -> str:
    """All lines with all digits; an empty cell where there is no such number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for line in lines:
        setting = "; ".join(f"{name}={value}" for name, value in line.row.setting.items())
        numbers = [repr(line.beside[kind]) if kind in line.beside else "" for kind in COMPANIONS]
        writer.writerow([line.folder, line.row.metric, line.row.factor or "", setting, repr(line.row.value), *numbers, line.interval])
    return text.getvalue()


def number(value: float | None) -> str:
    """Four decimals, fewer for large numbers; nothing where there is none."""
    if value is None:
        return ""
    return f"{value:.4f}" if abs(value) < 100 else f"{value:.1f}"


def bounds(line: Line) -> str:
    """The interval in brackets, where there is one."""
    return f"[{number(line.beside['low'])}, {number(line.beside['high'])}]" if "low" in line.beside else ""


def aligned(table: Sequence[Sequence[str]], words: int = 1) -> str:
    """Columns side by side, the first `words` of them flush left, the others right; columns without an entry are left out."""
    kept = [k for k, column in enumerate(zip(*table, strict=True)) if any(column[1:])]
    widths = {k: max(len(row[k]) for row in table) for k in kept}
    text = ["  ".join(row[k].ljust(widths[k]) if k < words else row[k].rjust(widths[k]) for k in kept).rstrip() for row in table]
    return "".join(f"{line}\n" for line in text)


def _plain(setting: Setting) -> tuple[object, ...]:
    return tuple(sorted(score_setting(setting).items()))

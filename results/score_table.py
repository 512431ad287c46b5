"""The scores of one representation as text for a terminal: each with its null, ceiling and standard error, then by factor."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.scores import Scores, Setting

SHOWN_ALPHAS = (1.0, 0.5, 0.0)  # of eleven; the file has all
HEADLINE: Setting = {"pooling": "max", "alpha": 0.5}  # the setting shown by factor, where a metric has one
SHARED = ("mode", "sample")  # the same in all rows, said once above the table
COMPANIONS = {"null": "null", "ceiling": "ceiling", "standard_error": "std. error"}


def summary_table(metric: str, scores: Scores) -> list[list[str]]:
    """One line for each setting: the mean over the factors and its companions."""
    found = _values(scores)
    lines = []
    for row in scores.rows:
        if row.metric == metric and row.factor is None and row.setting.get("alpha", 1.0) in SHOWN_ALPHAS:
            line = [metric, _setting(row.setting), _number(row.value)]
            lines.append(line + [_number(found.get(_key(f"{metric}_{companion}", row.setting, None))) for companion in COMPANIONS])
    return lines


def factor_table(metric: str, scores: Scores) -> list[list[str]]:
    """A heading and one line for each factor: where it is encoded, its score under the headline setting, the companions."""
    found = _values(scores)
    own = [row for row in scores.rows if row.metric == metric and row.factor is not None and _is_headline(row.setting)]
    if not own:
        return []
    counts = [kind for kind in ("pairs", "dimension") if any(row.metric == f"{metric}_{kind}" for row in scores.rows)]
    table = [[f"{metric} by factor", *counts, "score", *COMPANIONS.values()]]
    for row in own:
        plain = {key: value for key, value in row.setting.items() if key not in HEADLINE}
        counted = [_count(found.get(_key(f"{metric}_{kind}", plain, row.factor))) for kind in counts]
        beside = [_number(found.get(_key(f"{metric}_{companion}", row.setting, row.factor))) for companion in COMPANIONS]
        table.append([str(row.factor), *counted, _number(row.value), *beside])
    return table


def headline_setting(metric: str, scores: Scores) -> str:
    """The setting that `factor_table` shows."""
    return next(_setting(row.setting) for row in scores.rows if row.metric == metric and _is_headline(row.setting))


def aligned(table: Sequence[Sequence[str]], words: int = 1) -> str:
    """Columns side by side, the first `words` of them flush left, the others right; columns without an entry are left out."""
    columns = [column for column in zip(*table, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    lines = [
        "  ".join(cell.ljust(width) if k < words else cell.rjust(width) for k, (cell, width) in enumerate(zip(line, widths, strict=True)))
        for line in zip(*columns, strict=True)
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _is_headline(setting: Setting) -> bool:
    return all(setting.get(key, value) == value for key, value in HEADLINE.items())


def _values(scores: Scores) -> dict[tuple[object, ...], float]:
    return {_key(row.metric, row.setting, row.factor): row.value for row in scores.rows}


def _key(metric: str, setting: Setting, factor: str | None) -> tuple[object, ...]:
    return metric, tuple(sorted(setting.items())), factor


def _setting(setting: Setting) -> str:
    return ", ".join(f"{key} {value}" for key, value in setting.items() if key not in SHARED)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"

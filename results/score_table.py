"""The scores of saved codes as text for a terminal and for LaTeX: one table of all, then the factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from metrics.intervals import NO_INTERVAL
from metrics.scores import Scores, Setting
from results.score_lines import Line, bounds, lines_of, number, setting_text, short_settings
from results.tables import Table

SHOWN_ALPHAS = (1.0, 0.5, 0.0)  # of eleven; the files have all
HEADLINE: Setting = {"pooling": "max", "alpha": 0.5}  # the setting shown by factor, where a metric has one
COLUMNS = ("score", "folder", "setting", "value", "95 % interval", "std. error", "null", "ceiling")


def summary(lines: Sequence[Line]) -> list[list[str]]:
    """A heading and one line for each mean over the factors; the folder stands only where there are several."""
    several = len({line.folder for line in lines}) > 1
    means = shown(lines)
    settings = short_settings(means)
    return [list(COLUMNS), *(_cells(line, setting, several) for line, setting in zip(means, settings, strict=True))]


def shown(lines: Sequence[Line]) -> list[Line]:
    """The lines of a summary: means over the factors, metrics in their order, and under each the folders side by side."""
    means = [line for line in lines if line.row.factor is None and line.row.setting.get("alpha", 1.0) in SHOWN_ALPHAS]
    order: dict[tuple[object, ...], int] = {}
    for line in means:
        order.setdefault((line.row.metric, line.setting), len(order))
    return sorted(means, key=lambda line: order[line.row.metric, line.setting])


def by_factor(lines: Sequence[Line]) -> list[list[str]]:
    """A heading and one line for each score that has a value for single factors, under its headline setting."""
    several = len({line.folder for line in lines}) > 1
    single = [line for line in lines if line.row.factor is not None and _is_headline(line.row.setting)]
    factors = list(dict.fromkeys(str(line.row.factor) for line in single))
    table: dict[tuple[str, str, str], dict[str, str]] = {}
    for line, setting in zip(single, short_settings(single, width=0), strict=True):
        headline = setting_text({name: line.row.setting[name] for name in HEADLINE if name in line.row.setting})
        key = line.row.metric, line.folder if several else "", headline or setting
        table.setdefault(key, {})[str(line.row.factor)] = number(line.row.value)
    rows = [[*key, *(cells.get(name, "") for name in factors)] for key, cells in table.items()]
    return [["by factor", "folder", "setting", *factors], *rows] if rows else []


def factor_details(metric: str, scores: Scores) -> list[list[str]]:
    """A heading and one line for each factor: where it is encoded, its score under the headline setting, the companions."""
    own = [line for line in lines_of("", scores) if line.row.metric == metric and line.row.factor and _is_headline(line.row.setting)]
    if not own:
        return []
    counts = {
        (row.metric.removeprefix(f"{metric}_"), row.factor): f"{row.value:,.0f}"
        for row in scores.rows
        if row.metric in (f"{metric}_pairs", f"{metric}_dimension")
    }
    table = [[f"{metric} by factor", "pairs", "dimension", "score", *COLUMNS[4:]]]
    for line in own:
        factor = str(line.row.factor)
        table.append([factor, counts.get(("pairs", factor), ""), counts.get(("dimension", factor), ""), *_cells(line, "", False)[3:]])
    return table


def headline_setting(metric: str, scores: Scores) -> str:
    """The setting that `factor_details` shows."""
    return next(setting_text(row.setting) for row in scores.rows if row.metric == metric and _is_headline(row.setting))


def refusals(found: Mapping[str, Scores]) -> list[str]:
    """What has no score or no interval and why, one line for each reason, naming all scores and factors it holds for."""
    reasons: dict[str, dict[str | None, list[str]]] = {}
    for refusal in dict.fromkeys(refusal for scores in found.values() for refusal in scores.refusals):
        reasons.setdefault(refusal.reason, {}).setdefault(refusal.factor, []).append(refusal.metric)
    said = []
    for reason, by_name in reasons.items():
        what = "No interval" if reason.startswith(NO_INTERVAL) else "Not scored"
        for factor, metrics in by_name.items():
            of = "" if factor is None else f" of {factor}"
            said.append(f"{what}: {', '.join(dict.fromkeys(metrics))}{of}, {reason.removeprefix(NO_INTERVAL)}")
    return said


def latex(lines: Sequence[Line], title: str, notes: Iterable[str] = ()) -> str:
    """The summary as a LaTeX table, everything escaped (needs booktabs)."""
    several = len({line.folder for line in lines}) > 1
    rows = []
    means = shown(lines)
    for line, setting in zip(means, short_settings(means), strict=True):
        name = ", ".join(filter(None, (line.row.metric, line.folder if several else "", setting)))
        rows.append((name, number(line.row.value), bounds(line), number(line.beside.get("null")), number(line.beside.get("ceiling"))))
    header = ("score", "value", "95 % interval", "null", "ceiling")
    kept = [k for k in range(len(header)) if k < 2 or any(row[k] for row in rows)]
    table = Table(title, tuple(header[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in rows), tuple(notes))
    return table.latex("tab:scores")


def _cells(line: Line, setting: str, several: bool) -> list[str]:
    # The interval comes from the standard error where there is one, so the two never stand side by side.
    error = "" if "low" in line.beside else number(line.beside.get("standard_error"))
    beside = [bounds(line), error, number(line.beside.get("null")), number(line.beside.get("ceiling"))]
    return [line.row.metric, line.folder if several else "", setting, number(line.row.value), *beside]


def _is_headline(setting: Setting) -> bool:
    return all(setting.get(key, value) == value for key, value in HEADLINE.items())

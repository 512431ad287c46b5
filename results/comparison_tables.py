"""The tables of a comparison: all scores overall, every score by factor, and all of it at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from results.collect import ALL_FACTORS
from results.grouping import Group
from results.tables import GAP, Table, number

POINTS = "Scores are times 100, improvement is in points; losses are in nats"


def comparison_tables(compared: pd.DataFrame, groups: Sequence[Group], notes: Sequence[str]) -> list[Table]:
    """For each group of runs: overall, at a glance, by factor."""
    tables = []
    for group in groups:
        of_group = compared[compared["group"] == group.name]
        tables += [overall(of_group, group, notes), glance(of_group, group), by_factor(of_group, group)]
    return tables


def overall(of_group: pd.DataFrame, group: Group, notes: Sequence[str]) -> Table:
    """One row per score, all factors together."""
    rows = of_group[of_group["factor"] == ALL_FACTORS]
    body = tuple(
        (row.score, *_stages(row), *(number(limit, digits=1) for limit in (row.ceiling, row.null)), str(row.runs)) for row in _tuples(rows)
    )
    header = ("score", "untrained", "before", "after", "improvement", "ceiling", "null", "runs")
    title = f"{group.name}: before and after the transfer"
    first_loss = [i for i, unit in enumerate(rows["unit"]) if unit != "points"][:1]
    return Table(title, header, body, (f"Mean ± standard deviation over runs. {POINTS}", *group.notes, *notes), frozenset(first_loss))


def glance(of_group: pd.DataFrame, group: Group) -> Table:
    """Factors by scores; each cell is the score before, and the improvement."""
    rows = of_group[of_group["unit"] == "points"]
    names, factors = list(rows["name"].unique()), _factors(rows)
    body = []
    for factor in (*factors, ALL_FACTORS):
        cells = {
            row.name: f"{number(row.before, digits=1)} ({number(row.improvement, digits=1, sign=True)})" for row in _of_factor(rows, factor)
        }
        body.append((factor or "all factors", *(cells.get(name, GAP) for name in names)))
    title = f"{group.name}: score before (improvement), by factor"
    return Table(title, ("factor", *names), tuple(body), (POINTS,), frozenset({len(factors)}))


def by_factor(of_group: pd.DataFrame, group: Group) -> Table:
    """One block per score: its factors, then all factors together."""
    body: list[tuple[str, ...]] = []
    rules = []
    rows = of_group[of_group["unit"] == "points"]
    for score in rows["score"].unique():
        of_score = rows[rows["score"] == score]
        rules.append(len(body))
        for factor in (*_factors(of_score), ALL_FACTORS):
            body += [(f"{row.name}: {factor or 'all factors'}", *_stages(row), str(row.runs)) for row in _of_factor(of_score, factor)]
    title = f"{group.name}: every score by factor"
    notes = (f"Mean ± standard deviation over runs. {POINTS}",)
    return Table(title, ("score: factor", "untrained", "before", "after", "improvement", "runs"), tuple(body), notes, frozenset(rules[1:]))


def _factors(rows: pd.DataFrame) -> list[str]:
    return [factor for factor in rows["factor"].unique() if factor != ALL_FACTORS]


def _of_factor(rows: pd.DataFrame, factor: str) -> Iterator[Any]:
    return _tuples(rows[rows["factor"] == factor])


def _tuples(rows: pd.DataFrame) -> Iterator[Any]:
    return iter(rows.itertuples(index=False))


def _stages(row: Any) -> tuple[str, ...]:
    pairs = ((row.untrained, row.untrained_deviation), (row.before, row.before_deviation), (row.after, row.after_deviation))
    return (
        *(number(mean, deviation, 1) for mean, deviation in pairs),
        number(row.improvement, row.improvement_deviation, 1, sign=True),
    )

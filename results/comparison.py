"""What a transfer kept: every score before and after the fine-tuning, and the improvement, per factor and overall."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from foundation.errors import UserError
from results.collect import ALL_FACTORS
from results.grouping import Group
from results.measures import DOWNSTREAM, LOSSES, MEASURES, TARGETS, Chosen, choose, companion
from results.run_folder import AFTER, BEFORE, UNTRAINED

STAGES = (UNTRAINED, BEFORE, AFTER)
COLUMNS = [
    "group", "score", "name", "metric", "setting", "unit", "factor",
    "untrained", "untrained_deviation", "before", "before_deviation", "after", "after_deviation",
    "improvement", "improvement_deviation", "ceiling", "null", "runs", "runs_left_out",
]  # fmt: skip


def chosen_measures(table: pd.DataFrame) -> list[Chosen]:
    """The measures that any of the runs has: disentanglement, then downstream accuracy, then losses."""
    return [chosen for measure in (*MEASURES, *DOWNSTREAM, *TARGETS, *LOSSES) if (chosen := choose(table, measure))]


def compare(table: pd.DataFrame, groups: Sequence[Group]) -> pd.DataFrame:
    """One row per group, score and factor (empty: all factors); scores times 100, others in their own units.

    Means and standard deviations (ddof 1) are over the runs that have the score both before and after, so that the improvement is
    the difference of the means; `runs_left_out` counts the others. Raises UserError where no run has both.
    """
    records = []
    for group in groups:
        of_group = table[table["experiment"].isin(group.experiments)]
        for chosen in chosen_measures(table):
            rows = chosen.table[chosen.table["experiment"].isin(group.experiments)]
            ceiling, null = (_companion_means(of_group, chosen, kind) for kind in ("ceiling", "null"))
            for factor in rows["factor"].unique():
                numbers = _numbers(rows[rows["factor"] == factor], 100.0 if chosen.measure.points else 1.0)
                limits = (ceiling.get(factor, math.nan), null.get(factor, math.nan))
                measure = chosen.measure
                setting = rows["setting"].iloc[0]
                head = (group.name, measure.title, measure.name, measure.metric, setting, measure.unit, factor)
                records.append((*head, *numbers[:-2], *limits, *numbers[-2:]))
    compared = pd.DataFrame(records, columns=COLUMNS)
    for group in groups:
        if not compared.loc[compared["group"] == group.name, "runs"].any():
            raise UserError(f"no run of {group.name} has scores both before and after; aggregate_results.py lists what is missing")
    return compared


def by_run(chosen: Chosen, factor: str = ALL_FACTORS) -> pd.DataFrame:
    """The values of one measure: rows (experiment, seed), columns the stages untrained, before, after."""
    rows = chosen.table[chosen.table["factor"] == factor]
    return _by_run(rows)


def _by_run(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.set_index(["experiment", "seed", "stage"])["value"].unstack("stage").reindex(columns=list(STAGES))


def _numbers(rows: pd.DataFrame, scale: float) -> list[float]:
    """Mean and deviation of the three stages and of the improvement, then the runs that count and the runs that do not."""
    values = _by_run(rows) * scale
    complete = values.dropna(subset=[BEFORE, AFTER])
    series = [*(complete[stage] for stage in STAGES), complete[AFTER] - complete[BEFORE]]
    return [number for one in series for number in (one.mean(), one.std())] + [len(complete), len(values) - len(complete)]


def _companion_means(table: pd.DataFrame, chosen: Chosen, kind: str) -> dict[str, float]:
    """Ceiling or null of a measure by factor, as the fine-tuned models have it."""
    found = companion(table, chosen, kind)
    if found is None:
        return {}
    after = found.table[found.table["stage"] == AFTER].groupby("factor")["value"].mean()
    return dict(after * (100.0 if chosen.measure.points else 1.0))

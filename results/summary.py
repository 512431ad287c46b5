"""Mean, standard deviation and number of seeds of every score, and short tables of those that matter most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from results.collect import ALL_FACTORS, Collected
from results.measures import BLOCKS, HEADLINE, MEASURES, Chosen, Measure, choose, companion
from results.tables import Table, number

RUN_KEYS = ["experiment", "stage", "dataset", "model"]
KEYS = [*RUN_KEYS, "metric", "setting", "factor"]


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """One row per score: mean and standard deviation (ddof 1; none for a single seed) over the seeds that have a number.

    `seeds` counts them, `seeds_without_a_value` those that have the score but no number for it.
    """
    groups = table.groupby(KEYS, sort=False)["value"]
    summary = groups.agg(mean="mean", standard_deviation="std", seeds="count", seeds_without_a_value="size").reset_index()
    summary["seeds_without_a_value"] -= summary["seeds"]
    return summary


def headline(table: pd.DataFrame, title: str) -> Table:
    """The scores that matter most, one row per stage."""
    columns: dict[str, Chosen] = {}
    for measure in HEADLINE:
        chosen = choose(table, measure)
        if chosen is None:
            continue
        columns[measure.name] = chosen
        if measure.name == MEASURES[0].name:
            columns |= {kind: extra for kind in ("ceiling", "null") if (extra := companion(table, chosen, kind))}
    stages = table[["stage", "dataset", "model"]].drop_duplicates().to_records(index=False).tolist()
    rows = [
        (f"{stage}, {dataset}", *(_cell(chosen, stage, dataset, model) for chosen in columns.values())) for stage, dataset, model in stages
    ]
    seeds = {stage: table.loc[table["stage"] == stage, "seed"].nunique() for stage, _, _ in stages}
    notes = [
        "Mean ± standard deviation over seeds; seeds: " + ", ".join(f"{stage} {count}" for stage, count in seeds.items()),
        *setting_notes(columns.values()),
        *_standard_error(table, columns),
    ]
    return Table(title, ("stage, data set", *columns), tuple(rows), tuple(notes))


def per_factor(table: pd.DataFrame, measure: Measure, title: str) -> Table | None:
    """One measure for each factor, one row per stage; None where no run has it."""
    chosen = choose(table, measure)
    if chosen is None:
        return None
    factors = [factor for factor in chosen.table["factor"].unique() if factor != ALL_FACTORS]
    stages = chosen.table[["stage", "dataset", "model"]].drop_duplicates().to_records(index=False).tolist()
    rows = [
        (f"{stage}, {dataset}", *(_cell(chosen, stage, dataset, model, factor) for factor in factors)) for stage, dataset, model in stages
    ]
    notes = [*([chosen.note] if chosen.note else []), *_pairs(table, chosen, factors)]
    return Table(title, ("stage, data set", *factors), tuple(rows), tuple(notes)) if factors else None


def summary_markdown(experiment: str, collected: Collected) -> str:
    """The page that `summary.md` holds."""
    parts = [f"# {experiment}\n", *(table.markdown() for table in summary_tables(experiment, collected.table))]
    return "\n".join([*parts, "\n".join(gaps(collected)), ""])


def summary_tables(experiment: str, table: pd.DataFrame) -> list[Table]:
    """The headline and the factors of OMES and MIG, and of blocks of the code where they were scored."""
    by_factor = [per_factor(table, measure, f"{measure.title}, by factor") for measure in (*MEASURES, *BLOCKS) if measure.by_factor]
    return [headline(table, f"{experiment}: headline scores"), *(one for one in by_factor if one is not None)]


def gaps(collected: Collected) -> list[str]:
    """Lines that list what is missing, what was refused and what else to know; one line that says so where nothing is missing."""
    lines = [f"- {one}" for one in (*collected.missing, *collected.refused)]
    listed = ["Missing:", "", *lines] if lines else ["Nothing is missing: every stage of every seed is complete."]
    return listed + (["", "To be known:", "", *(f"- {note}" for note in collected.notes)] if collected.notes else [])


def setting_notes(chosen: Iterable[Chosen]) -> list[str]:
    """Which setting each measure was taken from, those of the same setting on one line."""
    by_note: dict[str, list[str]] = {}
    for one in chosen:
        if one.note:
            by_note.setdefault(one.note, []).append(one.measure.name)
    return [f"{', '.join(names)}: {note}" for note, names in by_note.items()]


def _standard_error(table: pd.DataFrame, columns: Mapping[str, Chosen]) -> list[str]:
    """How much of the differences between seeds is due to the sample that was scored."""
    chosen = columns.get(MEASURES[0].name)
    errors = companion(table, chosen, "standard_error") if chosen else None
    if chosen is None or errors is None:
        return []
    values = errors.table.loc[errors.table["factor"] == ALL_FACTORS, "value"]
    return [f"{chosen.measure.name} of a single run has a standard error of {number(values.mean())}, from the choice of samples"]


def _pairs(table: pd.DataFrame, chosen: Chosen, factors: Sequence[str]) -> list[str]:
    """On how many pairs of samples each factor rests, where the score counts them."""
    pairs = companion(table, chosen, "pairs")
    if pairs is None:
        return []
    means = pairs.table.groupby("factor")["value"].mean()
    return ["pairs: " + ", ".join(f"{factor} {means[factor]:,.0f}" for factor in factors if factor in means)]


def _cell(chosen: Chosen, stage: str, dataset: str, model: str, factor: str = ALL_FACTORS) -> str:
    table = chosen.table
    here = table[(table["stage"] == stage) & (table["dataset"] == dataset) & (table["model"] == model) & (table["factor"] == factor)]
    values = here["value"].dropna()
    text = number(values.mean(), values.std() if chosen.measure.deviates else math.nan, chosen.measure.digits)
    return f"{text} ({len(values)} of {len(here)})" if 0 < len(values) < len(here) else text

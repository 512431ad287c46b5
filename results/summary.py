"""Mean, standard deviation and number of seeds of every score, and short tables of those that matter most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from results.collect import ALL_FACTORS, Collected
from results.measures import ACTIONS, ANGLES, BLOCKS, MEASURES, SCORES, Chosen, Measure, choose, companion
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


def headline(table: pd.DataFrame, title: str, measures: Sequence[Measure] = SCORES) -> Table | None:
    """The scores that matter most, one row per stage; None where no run has any of them."""
    columns: dict[str, Chosen] = {}
    for measure in measures:
        chosen = choose(table, measure)
        if chosen is None:
            continue
        columns[measure.name] = chosen
        if measure.name == MEASURES[0].name:
            columns |= {kind: extra for kind in ("ceiling", "null") if (extra := companion(table, chosen, kind))}
    if not columns:
        return None
    stages, names, title = _stages(table, title)
    rows = [(name, *(_cell(chosen, *stage) for chosen in columns.values())) for name, stage in zip(names, stages, strict=True)]
    seeds = {stage: table.loc[table["stage"] == stage, "seed"].nunique() for stage, _, _ in stages}
    notes = [
        "Mean ± standard deviation over seeds; seeds: " + ", ".join(f"{stage} {count}" for stage, count in seeds.items()),
        *setting_notes(columns.values()),
        *_standard_error(table, columns),
    ]
    return Table(title, ("stage", *columns), tuple(rows), tuple(notes))


def per_factor(table: pd.DataFrame, measure: Measure, title: str) -> Table | None:
    """One measure for each factor, one row per stage; None where no run has it."""
    chosen = choose(table, measure)
    if chosen is None:
        return None
    factors = [factor for factor in chosen.table["factor"].unique() if factor != ALL_FACTORS]
    stages, names, title = _stages(chosen.table, title)
    rows = [(name, *(_cell(chosen, *stage, factor) for factor in factors)) for name, stage in zip(names, stages, strict=True)]
    notes = [*([chosen.note] if chosen.note else []), *_pairs(table, chosen, factors)]
    return Table(title, ("stage", *factors), tuple(rows), tuple(notes)) if factors else None


def per_action(table: pd.DataFrame, title: str) -> Table | None:
    """All that is known of single actions, one row per stage and action; None where no run has anything of them."""
    found = [chosen for measure in (*ANGLES, *ACTIONS) if measure.by_factor and (chosen := choose(table, measure))]
    rows = pd.concat([chosen.table for chosen in found]) if found else table[:0]
    actions = [action for action in rows["factor"].unique() if action != ALL_FACTORS]
    stages, names, title = _stages(rows, title)
    body = [
        (f"{name}: {action}", *(_cell(chosen, *stage, action) for chosen in found))
        for name, stage in zip(names, stages, strict=True)
        for action in actions
    ]
    rules = frozenset(range(len(actions), len(body), max(1, len(actions))))
    header = ("stage: action", *(chosen.measure.name for chosen in found))
    return Table(title, header, tuple(body), tuple(setting_notes(found)), rules) if body else None


def summary_markdown(experiment: str, collected: Collected) -> str:
    """The page that `summary.md` holds."""
    parts = [f"# {experiment}\n", *(table.markdown() for table in summary_tables(experiment, collected.table))]
    return "\n".join([*parts, "\n".join(gaps(collected)), ""])


def summary_tables(experiment: str, table: pd.DataFrame) -> list[Table]:
    """The headline and the factors of OMES and MIG, and of blocks of the code where they were scored."""
    found = [
        headline(table, f"{experiment}: what the model knows of the actions", ACTIONS),
        per_action(table, f"{experiment}: action by action"),
        headline(table, f"{experiment}: headline scores"),
        *(per_factor(table, measure, f"{measure.title}, by factor") for measure in (*MEASURES, *BLOCKS) if measure.by_factor),
    ]
    return [one for one in found if one is not None]


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


def _stages(table: pd.DataFrame, title: str) -> tuple[list[tuple[str, str, str]], list[str], str]:
    """Stage, data set and model of each row of a table, and what it is called there; the title tells the data set where there is one."""
    found = table[RUN_KEYS[1:]].drop_duplicates().itertuples(index=False)
    stages = [(str(stage), str(dataset), str(model)) for stage, dataset, model in found]
    datasets = {dataset for _, dataset, _ in stages}
    if len(datasets) > 1:
        return stages, [f"{stage}, {dataset}" for stage, dataset, _ in stages], title
    return stages, [stage for stage, _, _ in stages], ", on ".join([title, *datasets])


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
    known = here["value"].count()
    text = chosen.measure.text(here["value"])
    return f"{text} ({known} of {len(here)})" if 0 < known < len(here) and not chosen.measure.counted else text

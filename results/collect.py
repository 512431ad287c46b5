"""All scores of the runs of experiments as one tidy table, with a list of every seed and stage that is not in it, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from foundation.errors import UserError
from metrics.scores import Setting
from results.run_folder import RunFolder, StageFolder, runs_of

COLUMNS = ["experiment", "seed", "stage", "dataset", "model", "metric", "setting", "factor", "value"]
ALL_FACTORS = ""  # the factor of a score that stands for all factors together; an empty cell in a CSV file


@dataclass(frozen=True)
class Missing:
    """A seed, or one stage of a seed, that has no scores."""

    experiment: str
    seed: int
    stage: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.experiment}, seed {self.seed}{f', stage {self.stage}' if self.stage else ''}: {self.reason}"


@dataclass(frozen=True)
class Refused:
    """Scores that could not be computed for one reason, and in which stages and seeds: (stage, seed) pairs."""

    experiment: str
    metrics: tuple[str, ...]
    factor: str | None
    reason: str
    places: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        of = f" of {self.factor}" if self.factor else ""
        stages = dict.fromkeys(stage for stage, _ in self.places)
        where = "; ".join(f"{stage}: seed {', '.join(str(seed) for name, seed in self.places if name == stage)}" for stage in stages)
        return f"{self.experiment}: no {', '.join(self.metrics)}{of}: {self.reason} ({where})"


@dataclass(frozen=True)
class Collected:
    """`table`: one row per number, with the columns COLUMNS; `missing` and `refused`: what is not in it.

    `notes`: what a reader of means should know: seeds that trained for other numbers of steps, or changed their settings midway.
    """

    table: pd.DataFrame
    missing: tuple[Missing, ...]
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]


def collect(output: Path, experiments: Sequence[str], seeds: int | None = None) -> Collected:
    """Reads the scores of all complete stages of all runs.

    Missing are: seeds below `seeds` (where given) or between the smallest and the largest that are there, and stages that are not
    complete. Raises UserError where an experiment has no runs or no complete stage, and for files that cannot be read.
    """
    records: list[tuple[object, ...]] = []
    missing: list[Missing] = []
    refused: dict[tuple[str, str, str | None, str], list[tuple[str, int]]] = {}
    notes: list[str] = []
    for experiment in dict.fromkeys(experiments):
        runs = runs_of(output, experiment)
        notes += _uneven(runs)
        already = len(records)
        missing += _absent_seeds(runs, seeds)
        for run in runs:
            for stage in run.stages:
                reason = why_without_scores(stage)
                if reason:
                    missing.append(Missing(experiment, run.seed, stage.stage, reason))
                    continue
                records += _rows(run, stage)
                for one in stage.read_refusals():
                    refused.setdefault((experiment, one.metric, one.factor, one.reason), []).append((stage.stage, run.seed))
        if len(records) == already:
            raise UserError(f"no seed of {experiment!r} in {output} has scores: {missing[-1]}")
    table = pd.DataFrame(records, columns=COLUMNS)
    ordered = sorted(missing, key=lambda one: (experiments.index(one.experiment), one.seed))
    return Collected(table, tuple(ordered), _by_reason(refused), tuple(notes))


def _by_reason(refused: Mapping[tuple[str, str, str | None, str], Sequence[tuple[str, int]]]) -> tuple[Refused, ...]:
    """Places by experiment, metric, factor and reason: metrics that have no number for the same reason in the same places are one."""
    metrics: dict[tuple[str, str | None, str, tuple[tuple[str, int], ...]], list[str]] = {}
    for (experiment, metric, factor, reason), places in refused.items():
        metrics.setdefault((experiment, factor, reason, tuple(dict.fromkeys(places))), []).append(metric)
    return tuple(Refused(experiment, tuple(of), factor, reason, places) for (experiment, factor, reason, places), of in metrics.items())


def why_without_scores(stage: StageFolder) -> str | None:
    """Why the scores of a stage cannot be used; None where it is complete."""
    status = stage.read_status()
    if not status:
        return "it was never begun" if not stage.path.exists() else "its folder has no status: it was never begun, or was written by hand"
    state = status.get("state")
    if state == "failed":
        return f"it failed: {status.get('error') or 'no error was recorded'}"
    if state != "complete":
        return f"it is not complete: {state} at step {status.get('step')} of {status.get('steps')}"
    return None if stage.scores.exists() else "it has no scores.json; run the same command again with --only score"


def setting_text(setting: Setting) -> str:
    """A setting as one text with its keys in order: `alpha=0.5,pooling=max`."""
    return ",".join(f"{key}={_value_text(setting[key])}" for key in sorted(setting))


def setting_of(text: str) -> dict[str, str]:
    """The keys and values of a text made by `setting_text`; values stay text."""
    return dict(part.split("=", 1) for part in text.split(",")) if text else {}


def _value_text(value: str | int | float | bool) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value).lower() if isinstance(value, bool) else str(value).replace(",", ";")


def _absent_seeds(runs: Sequence[RunFolder], seeds: int | None) -> list[Missing]:
    present = [run.seed for run in runs]
    expected = range(seeds) if seeds is not None else range(min(present), max(present) + 1)
    reason = "there is no run of this seed"
    return [Missing(runs[0].experiment, seed, None, reason) for seed in expected if seed not in present]


def _uneven(runs: Sequence[RunFolder]) -> list[str]:
    """Lines on stages whose seeds were not trained alike."""
    notes = []
    for name in (stage.stage for stage in runs[0].stages):
        complete = [(run.seed, run.stage(name).read_status()) for run in runs if not why_without_scores(run.stage(name))]
        steps = {seed: status.get("step") for seed, status in complete}
        if len(set(steps.values())) > 1:
            told = ", ".join(f"{step} (seed {seed})" for seed, step in steps.items())
            notes.append(f"{runs[0].experiment}, stage {name}: seeds were trained for different numbers of steps: {told}")
        for seed, status in complete:
            changes = status.get("accepted_changes")
            for change in changes if isinstance(changes, list) else ():
                notes.append(f"{runs[0].experiment}, seed {seed}, stage {name}: changed at step {change['step']}: {change['change']}")
    return notes


def _rows(run: RunFolder, stage: StageFolder) -> list[tuple[object, ...]]:
    status = stage.read_status()
    of_run = (run.experiment, run.seed, stage.stage, status.get("dataset", ""), status.get("model", ""))
    rows = [(row.metric, setting_text(row.setting), row.factor or ALL_FACTORS, row.value) for row in stage.read_rows()]
    keys = [row[:3] for row in rows]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UserError(f"{stage.scores} holds the score {' / '.join(twice)} more than once; delete it and score the run again")
    return [(*of_run, *row) for row in rows]

"""How far a score would lie on another draw of as many samples: 95 % intervals, by the means that its estimator allows.

Three ways, and the setting of each NAME_low and NAME_high tells which (`interval`):
- "jackknife": the metric has a standard error of its own (OMES, whose precision grows with pairs, not with samples); plus and
  minus 1.96 of it.
- "test rows": the score is a mean over test rows of one fit (accuracies); these outcomes are drawn again with replacement, the
  fit stays. It tells nothing of how another fit would do.
- "subsamples": all else. The metric is computed again on subsamples of m of the N rows, drawn without replacement and kept in
  file order, since rows that a bootstrap repeats spoil whatever rests on pairs, neighbours, entropies or a split. Their spread is
  scaled by sqrt(m / (N - m)) (Politis and Romano 1994, Annals of Statistics 22, and the finite-population factor of
  Shao and Wu 1989), and laid around the score on all rows: deviations count from the mean of the subsamples, since a plug-in
  estimate on fewer rows is biased more.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from metrics.representation import Representation
from metrics.scores import Metric, Refusal, Row, Scores, Setting, row_key, score_rows

LARGEST_SUBSAMPLE = 2000
FEWEST_ROWS = 20  # in a subsample
FEWEST_DRAWS = 100
NO_INTERVAL = "no interval: "  # how reasons begin that concern the interval alone
TAILS = (2.5, 97.5)  # per cent
NORMAL = 1.959964  # half the width of a 95 % interval, in standard errors


def interval_rows(
    metric: Metric,
    representation: Representation,
    rng: np.random.Generator,
    found: Scores,
    times: int,
    largest_subsample: int = LARGEST_SUBSAMPLE,
    refits: bool = True,
    draws: Sequence[str] = (),
    span: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[list[Row], list[Refusal]]:
    """NAME_low and NAME_high of every score in `found`, from so many subsamples or redrawn test rows, and why others have none.

    `largest_subsample`, `refits`, `draws` and `span` are those of `readable`.
    """
    scores = score_rows(found.rows)
    errors = {row_key(row): row.value for row in found.rows}
    rows: list[Row] = []
    left: list[Row] = []
    for row in scores:
        error = errors.get(row_key(dataclasses.replace(row, metric=f"{row.metric}_standard_error")))
        if error is not None:
            rows += _bounds(row, row.value - NORMAL * error, row.value + NORMAL * error, {"interval": "jackknife"})
        elif not any(row is found.rows[index] for index in found.outcomes):
            left.append(row)
    for index, (low, high) in redrawn_means(found.outcomes, times, rng).items():
        rows += _bounds(found.rows[index], low, high, {"interval": "test rows", "test_rows": len(found.outcomes[index])})
    if not left:
        return _within(rows, span), []
    if not refits:
        names = sorted({row.metric for row in left})
        reason = f"{NO_INTERVAL}computing it again on subsamples takes too long"
        return _within(rows, span), [Refusal(name, None, reason) for name in names]
    more, refusals = _subsampled(metric, representation, rng, left, times, largest_subsample, draws)
    return _within(rows + more, span), refusals


def score_setting(setting: Setting) -> dict[str, str | int | float | bool]:
    """The setting of the score that NAME_low or NAME_high belongs to: without what tells how the interval was found."""
    return {name: value for name, value in setting.items() if not name.startswith(("interval", "test_rows", "subsample"))}


def redrawn_means(outcomes: Mapping[int, np.ndarray], times: int, rng: np.random.Generator) -> dict[int, tuple[float, float]]:
    """2.5 and 97.5 % points of the mean of each array, its entries drawn again with replacement; equal lengths share their draws."""
    found: dict[int, tuple[float, float]] = {}
    for length in sorted({len(values) for values in outcomes.values()}):
        together = {index: values for index, values in outcomes.items() if len(values) == length}
        table = np.stack([np.asarray(values, dtype=np.float64) for values in together.values()], axis=1)
        means = np.array([np.bincount(rng.integers(0, length, length), minlength=length) @ table / length for _ in range(times)])
        low, high = np.percentile(means, TAILS, axis=0)
        found |= {index: (float(low[i]), float(high[i])) for i, index in enumerate(together)}
    return found


def _subsampled(
    metric: Metric,
    representation: Representation,
    rng: np.random.Generator,
    scores: Sequence[Row],
    times: int,
    largest: int,
    draws: Sequence[str],
) -> tuple[list[Row], list[Refusal]]:
    samples = len(representation.codes)
    size = min(samples // 2, largest)
    names = sorted({row.metric for row in scores})
    if size < FEWEST_ROWS:
        return [], [Refusal(name, None, f"{NO_INTERVAL}{samples} samples are too few to draw some of them again") for name in names]
    share = size / (samples - size)
    fewer = fewer_draws(metric, draws, share)
    smaller: Callable[..., Scores] = partial(metric, **fewer) if fewer else metric  # type: ignore[arg-type]
    places = {_key(row, fewer): i for i, row in enumerate(scores)}
    values = np.full((times, len(scores)), np.nan)
    for time in range(times):
        for row in smaller(_rows_of(representation, np.sort(rng.permutation(samples)[:size])), rng).rows:
            if (key := _key(row, fewer)) in places:
                values[time, places[key]] = row.value
    known = np.isfinite(values)
    complete = known[:, known.any(axis=0)].all(axis=1)  # else a factor is missing from the mean of this subsample
    told = {f"subsample_{name}": value for name, value in fewer.items()}
    how: Setting = {"interval": "subsamples", "subsample_rows": size, "subsamples": times, **told}
    rows: list[Row] = []
    refusals: list[Refusal] = []
    for row, column in zip(scores, values.T, strict=True):
        usable = column[complete if row.factor is None else np.isfinite(column)]
        if 2 * len(usable) <= times:
            reason = f"{NO_INTERVAL}only {len(usable)} of {times} subsamples of {size} rows have this score for every factor"
            refusals.append(Refusal(row.metric, row.factor, reason))
            continue
        low, high = row.value + np.sqrt(share) * (np.percentile(usable, TAILS) - usable.mean())
        rows += _bounds(row, min(low, row.value), max(high, row.value), how)
    return rows, refusals


def fewer_draws(metric: Metric, names: Sequence[str], share: float) -> dict[str, int]:
    """Settings that count random draws, at this share of what the metric draws by default.

    The spread of the subsamples is scaled down by the root of the share; with as many times fewer draws, the noise of drawing weighs as
    much as it does in the score itself.
    """
    defaults = inspect.signature(metric).parameters
    return {name: max(FEWEST_DRAWS, round(defaults[name].default * share)) for name in names}


def _key(row: Row, without: Setting) -> tuple[object, ...]:
    setting = {name: value for name, value in row.setting.items() if name not in without and name != "rows"}  # how many took part
    return row_key(dataclasses.replace(row, setting=setting))


def _within(rows: list[Row], span: tuple[float, float]) -> list[Row]:
    return [dataclasses.replace(row, value=float(np.clip(row.value, *span))) for row in rows]


def _rows_of(representation: Representation, rows: np.ndarray) -> Representation:
    return dataclasses.replace(representation, codes=representation.codes[rows], factors=representation.factors[rows])


def _bounds(row: Row, low: float, high: float, how: Setting) -> list[Row]:
    setting = {**row.setting, **how}
    return [Row(f"{row.metric}_{end}", setting, row.factor, float(value)) for end, value in (("low", low), ("high", high))]

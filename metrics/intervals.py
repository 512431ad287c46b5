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
  estimate on fewer rows is biased more. Scaled deviations keep their sign, so that a score bounded by 1 is not told to exceed it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from metrics.representation import Representation
from metrics.scores import Metric, Refusal, Row, Scores, Setting, row_key, score_rows

LARGEST_SUBSAMPLE = 2000
FEWEST_ROWS = 20  # in a subsample
TAILS = (2.5, 97.5)  # per cent
NORMAL = 1.959964  # half the width of a 95 % interval, in standard errors


def interval_rows(
    metric: Metric,
    representation: Representation,
    rng: np.random.Generator,
    found: Scores,
    draws: int,
    largest_subsample: int = LARGEST_SUBSAMPLE,
    refits: bool = True,
) -> tuple[list[Row], list[Refusal]]:
    """NAME_low and NAME_high of every score in `found`, and why others have none. Settings as those of `readable`."""
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
    for index, (low, high) in redrawn_means(found.outcomes, draws, rng).items():
        rows += _bounds(found.rows[index], low, high, {"interval": "test rows", "test_rows": len(found.outcomes[index])})
    if not left:
        return rows, []
    if not refits:
        names = sorted({row.metric for row in left})
        return rows, [Refusal(name, None, "no interval: computing it again on subsamples takes too long") for name in names]
    more, refusals = _subsampled(metric, representation, rng, left, draws, largest_subsample)
    return rows + more, refusals


def redrawn_means(outcomes: Mapping[int, np.ndarray], draws: int, rng: np.random.Generator) -> dict[int, tuple[float, float]]:
    """2.5 and 97.5 % points of the mean of each array, its entries drawn again with replacement; equal lengths share their draws."""
    found: dict[int, tuple[float, float]] = {}
    for length in sorted({len(values) for values in outcomes.values()}):
        together = {index: values for index, values in outcomes.items() if len(values) == length}
        table = np.stack([np.asarray(values, dtype=np.float64) for values in together.values()], axis=1)
        means = np.array([np.bincount(rng.integers(0, length, length), minlength=length) @ table / length for _ in range(draws)])
        low, high = np.percentile(means, TAILS, axis=0)
        found |= {index: (float(low[i]), float(high[i])) for i, index in enumerate(together)}
    return found


def _subsampled(
    metric: Metric, representation: Representation, rng: np.random.Generator, scores: Sequence[Row], draws: int, largest: int
) -> tuple[list[Row], list[Refusal]]:
    samples = len(representation.codes)
    size = min(samples // 2, largest)
    names = sorted({row.metric for row in scores})
    if size < FEWEST_ROWS:
        return [], [Refusal(name, None, f"no interval: {samples} samples are too few to draw some of them again") for name in names]
    places = {row_key(row): i for i, row in enumerate(scores)}
    values = np.full((draws, len(scores)), np.nan)
    for draw in range(draws):
        for row in metric(_rows_of(representation, np.sort(rng.permutation(samples)[:size])), rng).rows:
            if row_key(row) in places:
                values[draw, places[row_key(row)]] = row.value
    complete = np.isfinite(values).all(axis=1)  # else a factor is missing from the mean of this draw
    how: Setting = {"interval": "subsamples", "subsample": size, "draws": draws}
    scale = np.sqrt(size / (samples - size))
    rows: list[Row] = []
    refusals: list[Refusal] = []
    for row, column in zip(scores, values.T, strict=True):
        usable = column[complete if row.factor is None else np.isfinite(column)]
        if 2 * len(usable) <= draws:
            reason = f"no interval: only {len(usable)} of {draws} subsamples of {size} rows have this score for every factor"
            refusals.append(Refusal(row.metric, row.factor, reason))
            continue
        low, high = row.value + scale * (np.percentile(usable, TAILS) - usable.mean())
        rows += _bounds(row, min(low, row.value), max(high, row.value), how)
    return rows, refusals


def _rows_of(representation: Representation, rows: np.ndarray) -> Representation:
    return dataclasses.replace(representation, codes=representation.codes[rows], factors=representation.factors[rows])


def _bounds(row: Row, low: float, high: float, how: Setting) -> list[Row]:
    setting = {**row.setting, **how}
    return [Row(f"{row.metric}_{end}", setting, row.factor, float(value)) for end, value in (("low", low), ("high", high))]

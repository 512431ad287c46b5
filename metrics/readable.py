"""A score that can be read alone: beside it what chance earns (null), what a perfect code gets on these samples (ceiling), its interval.

A metric computes its own rows and nothing else; `readable` calls it again on a shuffled and on a perfect code (`reference_codes`)
and asks `intervals` how far another draw of as many samples would lie. It holds for every metric, so none has to do it itself.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from metrics.intervals import LARGEST_SUBSAMPLE, interval_rows
from metrics.reference_codes import ReferenceCodes, perfect_code, shuffled
from metrics.representation import Representation
from metrics.scores import Metric, Row, Scores, row_key, score_rows


def readable(
    metric: Metric,
    representation: Representation,
    rng: np.random.Generator,
    *,
    shuffles: int = 3,
    ceiling: bool = True,
    interval: int = 0,
    largest_subsample: int = LARGEST_SUBSAMPLE,
    refits: bool = True,
    draws: Sequence[str] = (),
    span: tuple[float, float] = (-math.inf, math.inf),
    references: ReferenceCodes | None = None,
) -> Scores:
    """What `metric` finds, and for each of its rows that is a score NAME_ceiling, NAME_null, NAME_low and NAME_high.

    The null is the mean over `shuffles` shuffled codes (0: none). `interval`: how many subsamples of at most `largest_subsample`
    rows the 95 % interval rests on (0: no interval). With `refits` False the metric is too dear to be computed again on subsamples:
    only what it can tell from one fit (its standard errors, its outcomes on test rows) gets an interval. `draws` names its settings
    that count random draws: they shrink with the rows. Intervals end where the range of the score does, `span`. The metric draws from
    `rng` first, so that its own rows do not depend on what
    is asked for beside them; `references` are the perfect and shuffled codes to take, in place of new ones.
    """
    found = metric(representation, rng)
    scores = score_rows(found.rows)
    rows, refusals = list(found.rows), list(found.refusals)
    if scores and ceiling:
        rows += _companion("ceiling", scores, [metric(references.perfect if references else perfect_code(representation), rng)])
    if scores and shuffles:
        others = references.shuffled(shuffles) if references else (shuffled(representation, rng) for _ in range(shuffles))
        rows += _companion("null", scores, [metric(other, rng) for other in others])
    if scores and interval:
        bounds, without = interval_rows(metric, representation, rng, found, interval, largest_subsample, refits, draws, span)
        rows, refusals = rows + bounds, refusals + without
    return dataclasses.replace(found, rows=rows, refusals=refusals)


def _companion(kind: str, scores: Sequence[Row], others: Sequence[Scores]) -> list[Row]:
    """The mean of each score over what the metric found for other codes; a row that none of them has is left out."""
    values: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for other in others:
        for row in other.rows:
            values[row_key(row)].append(row.value)
    return [
        dataclasses.replace(row, metric=f"{row.metric}_{kind}", value=float(np.mean(values[row_key(row)])))
        for row in scores
        if row_key(row) in values
    ]

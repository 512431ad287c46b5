"""Explicitness: how well a linear classifier of all dimensions tells the values of a factor apart. From 0.5 (chance) to 1.

Source: Ridgeway and Mozer (2018), Learning deep disentangled embeddings with the F-statistic loss, arXiv 1802.05312, in the
estimator of disentanglement_lib (Locatello et al. 2019): codes standardised by mean and deviation of the training rows (the first
two thirds), multinomial logistic regression (C = 1) on them, and for each value of the factor the area under the ROC curve of its
probability against all others; the mean over values, then over factors, of training and (the score) of test rows.

`definition` "one_vs_rest" is that of Carbonneau et al. (2020, arXiv 2012.09276): codes scaled to 0 .. 1, one balanced classifier
for each value, its probability divided by the sum over values, fitted and scored on the SAME rows, and rescaled to
2 (area - 1/2), so that chance gets 0.

Here the optimum itself is found; the libraries stop after 100 steps of L-BFGS, which moves areas by some 0.0001. Values that only
the training or only the test rows show are left out of the mean; a factor of which fewer than two are left is refused by name.

What it cannot tell: where a factor sits. A rotated or wholly entangled code of the same span scores the same. An ordered factor on
one dimension is linearly separable only at its ends, yet areas stay high: 0.9 is not good.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from metrics.logistic_regression import multinomial, probabilities
from metrics.mutual_information import discrete_factors, ranks
from metrics.representation import Representation
from metrics.row_split import rows_at_most, training_rows
from metrics.scores import Refusal, Row, Scores, rows_with_mean
from metrics.standardisation import standardised


def explicitness(
    representation: Representation,
    rng: np.random.Generator,
    *,
    definition: Literal["multinomial", "one_vs_rest"] = "multinomial",
    samples: int = 100_000,
    factor_bins: int = 0,
) -> Scores:
    """Explicitness per factor and (factor None) their mean, setting `part` "test" (the score) and "train" ("all" for one_vs_rest).

    `samples`: at most so many rows, drawn at random (0: all). `factor_bins`: bins of continuous factors (0: they are refused).
    """
    representation = rows_at_most(representation, samples, rng)
    factors, space, refusals = discrete_factors("explicitness", representation, factor_bins)
    codes = representation.codes
    training = training_rows(len(codes)) if definition == "multinomial" else len(codes)
    inputs = standardised(codes, training) if definition == "multinomial" else _unit_range(codes)
    parts = {"train": slice(0, training), "test": slice(training, None)} if definition == "multinomial" else {"all": slice(None)}
    names: list[str] = []
    found: dict[str, list[float]] = {part: [] for part in parts}
    for name, column in zip(space.names, factors.T, strict=True):
        kept, reason = _comparable(column, training, list(parts.values()))
        if reason:
            refusals.append(Refusal("explicitness", name, reason))
            continue
        names.append(name)
        score = _areas_multinomial if definition == "multinomial" else _areas_one_vs_rest
        for part, area in zip(parts, score(inputs, column, training, kept, list(parts.values())), strict=True):
            found[part].append(area)
    if not names:
        return Scores(refusals=refusals)
    setting: dict[str, str | int | float | bool] = {"definition": definition, "samples": samples}
    if factor_bins:
        setting["factor_bins"] = factor_bins
    rows: list[Row] = []
    for part in reversed(parts):
        complete = {"part": part, **setting, "mode": representation.mode, "sample": representation.sample}
        rows += rows_with_mean("explicitness", complete, names, np.array(found[part]))
    return Scores(rows, {}, refusals)


def area_under_curve(scores: np.ndarray, positive: np.ndarray) -> float:
    """The chance that a positive sample scores more than a negative one, ties counting half: [N], [N] bool."""
    others = np.sort(scores[~positive])
    own = np.sort(scores[positive])
    below = np.searchsorted(others, own, side="left").sum() + np.searchsorted(others, own, side="right").sum()
    return float(below / 2 / (len(own) * len(others)))


def _comparable(column: np.ndarray, training: int, parts: list[slice]) -> tuple[np.ndarray, str]:
    """The values that training and every part show, and why there is no area, or "". Areas need a sample of another value, too."""
    kept = np.unique(column[:training])
    for part in parts:
        values = np.unique(column[part])
        kept = np.intersect1d(kept, values)
        if len(values) < 2 or len(np.unique(column[:training])) < 2:
            return kept, "cannot be classified: the training rows (the first two thirds) or the test rows show fewer than two values"
    return kept, "" if len(kept) else "cannot be classified: training and test rows share no value"


def _areas_multinomial(inputs: np.ndarray, column: np.ndarray, training: int, kept: np.ndarray, parts: list[slice]) -> list[float]:
    known = np.unique(column[:training])
    expected = probabilities(inputs, multinomial(inputs[:training], ranks(column[:training]), penalty=1.0))
    places = {int(value): k for k, value in enumerate(known)}
    return [
        float(np.mean([area_under_curve(expected[part, places[int(value)]], column[part] == value) for value in kept])) for part in parts
    ]


def _areas_one_vs_rest(inputs: np.ndarray, column: np.ndarray, training: int, kept: np.ndarray, parts: list[slice]) -> list[float]:
    chances = np.empty((len(inputs), len(kept)))
    for k, value in enumerate(kept):
        own = column == value
        costs = len(own) / (2 * np.where(own, own.sum(), len(own) - own.sum()))
        chances[:, k] = probabilities(inputs, multinomial(inputs, own.astype(np.int64), penalty=1.0, costs=costs))[:, 1]
    chances /= chances.sum(axis=1, keepdims=True)
    return [float(np.mean([2 * area_under_curve(chances[:, k], column == value) - 1 for k, value in enumerate(kept)]))]


def _unit_range(codes: np.ndarray) -> np.ndarray:
    largest = np.abs(codes).max(axis=0)
    scaled = codes / np.where(largest > 0, largest, 1.0)
    scaled -= scaled.min(axis=0)
    highest = scaled.max(axis=0)
    return scaled / np.where(highest > 0, highest, 1.0)

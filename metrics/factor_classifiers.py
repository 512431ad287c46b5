"""Classifiers of every factor: fitted on the first two thirds of the rows, tested on the rest. DCI and downstream share their fits.

The field splits saved codes in file order (disentanglement_lib, Dapueto et al. 2024): the first ceil(2 N / 3) rows train, the
rest test. Rows that are sorted, or that change slowly, need `shuffle`.

A fit is kept for as long as its representation lives, so that metrics that ask for the same fit pay for one. It depends on
the settings alone, on no generator of the caller: `seed` decides the order of ties, bootstraps, weights and the shuffle.
"""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from foundation.errors import UserError
from foundation.randomness import stream
from foundation.threads import allotted_threads
from metrics.boosted_trees import BoostedTrees, fit_boosted_trees, sorted_columns, tree_seeds, trees_of
from metrics.mutual_information import discrete_factors
from metrics.representation import Representation
from metrics.row_split import rows_at_most, training_rows
from metrics.scores import Refusal, Setting

MOST_CLASSES = 500
LARGEST_CODE = 1e37


@dataclass(frozen=True)
class Splitting:
    """Which rows take part: at most `rows` of them (0: all), in file order or shuffled; the seed of every draw; bins (0: none)
    of continuous factors."""

    rows: int = 50_000
    shuffle: bool = False
    seed: int = 0
    factor_bins: int = 0


@dataclass(frozen=True)
class Task:
    """Codes and labels (0 to K - 1, a column per factor of `names`) of the training part and of the test part."""

    names: tuple[str, ...]
    codes: np.ndarray
    labels: np.ndarray
    test_codes: np.ndarray
    test_labels: np.ndarray
    refusals: tuple[Refusal, ...]
    setting: Setting

    def narrowed(self, dimensions: Sequence[int], factors: Sequence[int]) -> Task:
        """The task with these dimensions and factors only."""
        return dataclasses.replace(
            self,
            names=tuple(self.names[i] for i in factors),
            codes=self.codes[:, dimensions],
            labels=self.labels[:, factors],
            test_codes=self.test_codes[:, dimensions],
            test_labels=self.test_labels[:, factors],
        )


@dataclass(frozen=True)
class Fits:
    """What a model found for each factor: importances [D, F], training accuracy [F], whether each test row was right [M, F].

    `trees`: the fits themselves, where the model is boosted trees.
    """

    importances: np.ndarray
    trained: np.ndarray
    right: np.ndarray
    trees: tuple[BoostedTrees, ...] = ()


Fit = Callable[[Task, int], Fits]


def task_of(metric: str, representation: Representation, splitting: Splitting) -> Task:
    """The task of this representation; without the factors that no classifier can be asked for, and with the reasons."""
    chosen = rows_at_most(representation, splitting.rows, stream(splitting.seed, "rows"))
    factors, space, refusals = discrete_factors(metric, chosen, splitting.factor_bins)
    codes, first = chosen.codes, training_rows(len(chosen.codes))
    if splitting.shuffle:
        shuffled = stream(splitting.seed, "split").permutation(len(codes))
        codes, factors = codes[shuffled], factors[shuffled]
    altogether = _reason_for_none(codes, first)
    reasons = [altogether or _reason_against(column, first) for column in factors.T]
    kept = [i for i, reason in enumerate(reasons) if not reason]
    if altogether:
        refusals.append(Refusal(metric, None, altogether))
    else:
        refusals += [Refusal(metric, name, reason) for name, reason in zip(space.names, reasons, strict=True) if reason]
    setting: dict[str, str | int | float | bool] = {"split": "shuffled" if splitting.shuffle else "file order", "rows": len(codes)}
    if splitting.factor_bins:
        setting["factor_bins"] = splitting.factor_bins
    return Task(
        tuple(space.names[i] for i in kept),
        codes[:first],
        factors[:first, kept],
        codes[first:],
        factors[first:, kept],
        tuple(refusals),
        {**setting, "mode": representation.mode, "sample": representation.sample},
    )


def _reason_for_none(codes: np.ndarray, first: int) -> str:
    if first == len(codes):
        return "no row is left for the test part, the last third"
    if np.abs(codes).max() > LARGEST_CODE:
        return f"codes beyond {LARGEST_CODE:g} in size cannot be told apart in single precision; scale them"
    return ""


def _reason_against(labels: np.ndarray, first: int) -> str:
    if not np.ptp(labels[:first]):
        return "it takes one value in the training part, the first two thirds of the rows; shuffle the rows"
    if labels.max() >= MOST_CLASSES:
        values = f"it takes {labels.max() + 1} values, and a classifier is given at most {MOST_CLASSES}"
        return f"{values}; declare it continuous and set factor_bins"
    return ""


def boosted_trees(task: Task, seed: int) -> Fits:
    """scikit-learn's boosted trees; factors are fitted in as many threads as are allotted, and do not depend on their number."""
    columns = sorted_columns(task.codes)
    seeds = tree_seeds(seed, [trees_of(len(np.unique(labels))) for labels in task.labels.T])
    with ThreadPoolExecutor(max(1, min(allotted_threads(), len(seeds)))) as pool:
        fits = tuple(pool.map(lambda pair: fit_boosted_trees(columns, *pair), zip(task.labels.T, seeds, strict=True)))
    return Fits(
        np.stack([fit.importances for fit in fits], axis=1),
        np.array([np.mean(fit.predict(task.codes) == labels) for fit, labels in zip(fits, task.labels.T, strict=True)]),
        np.stack([fit.predict(task.test_codes) == labels for fit, labels in zip(fits, task.test_labels.T, strict=True)], axis=1),
        fits,
    )


def fits_of(
    representation: Representation,
    task: Task,
    model: str,
    models: Mapping[str, Fit],
    splitting: Splitting,
    dimensions: Sequence[int] = (),
    factors: Sequence[int] = (),
) -> Fits:
    """The fits of `model` on these dimensions and factors (none given: all), computed once for each representation."""
    if model not in models:
        raise UserError(f"there is no classifier {model!r}; choose one of {', '.join(models)}")
    columns = tuple(dimensions) or tuple(range(task.codes.shape[1]))
    targets = tuple(factors) or tuple(range(len(task.names)))
    known = _fits_known(representation)
    key = (model, splitting, columns, tuple(task.names[i] for i in targets))
    if key not in known:
        known[key] = models[model](task.narrowed(columns, targets), splitting.seed)
    return known[key]


_KNOWN: dict[int, dict[tuple[object, ...], Fits]] = {}


def _fits_known(representation: Representation) -> dict[tuple[object, ...], Fits]:
    """Fits of this very object; they are forgotten with it."""
    if id(representation) not in _KNOWN:
        _KNOWN[id(representation)] = {}
        weakref.finalize(representation, _KNOWN.pop, id(representation), None)
    return _KNOWN[id(representation)]

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


@dataclass(frozen=True)
class Splitting:
    """Which rows take part: at most `rows` of them (0: all), in file order or shuffled; the seed of every draw; bins (0: none)
    of continuous factors."""

    rows: int = 100_000
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
    """The task of this representation; a factor is refused where it is continuous, constant, or constant in the training part."""
    chosen = rows_at_most(representation, splitting.rows, stream(splitting.seed, "rows"))
    factors, space, refusals = discrete_factors(metric, chosen, splitting.factor_bins)
    codes = chosen.codes
    if splitting.shuffle:
        shuffled = stream(splitting.seed, "split").permutation(len(codes))
        codes, factors = codes[shuffled], factors[shuffled]
    first = training_rows(len(codes))
    if first == len(codes):
        refusals, factors, space = [Refusal(metric, None, "no row is left for the test part")], factors[:, :0], space.select(())
    varied = [i for i in range(len(space)) if np.ptp(factors[:first, i])]
    alone = [name for i, name in enumerate(space.names) if i not in varied]
    why = "it takes one value in the training part, the first two thirds of the rows; shuffle the rows"
    return Task(
        tuple(space.names[i] for i in varied),
        codes[:first],
        factors[:first, varied],
        codes[first:],
        factors[first:, varied],
        (*refusals, *(Refusal(metric, name, why) for name in alone)),
        {
            "split": "shuffled" if splitting.shuffle else "file order",
            "rows": len(codes),
            **({"factor_bins": splitting.factor_bins} if splitting.factor_bins else {}),
            "mode": representation.mode,
            "sample": representation.sample,
        },
    )


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

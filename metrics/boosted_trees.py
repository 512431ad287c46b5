"""Gradient-boosted trees for classes, as scikit-learn's GradientBoostingClassifier with its defaults, about a hundred times faster.

Source: Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of Statistics 29, algorithm 6 (L_K
TreeBoost), in the conventions of scikit-learn, which the published DCI scores rest on: 100 rounds of one tree per class (one
tree for two classes), depth 3, rate 0.1, log-loss, splits by the largest decrease of squared deviations (Friedman's criterion
orders them alike), thresholds half-way between neighbouring float32 values, classes' log shares to begin with, leaves of
(K - 1) / K * sum(r) / sum(|r| (1 - |r|)) for residuals r (without the factor for two classes).

Splits are exact: no histogram stands in for the values. Values are sorted once for all factors and all trees; `split_kernels`
tells how most thresholds need no visit. Where several features gain equally (up to a relative 1e-9), the first is taken in
scikit-learn's own random order (`visiting_order`), from the same seed; of a feature's equal thresholds, the lowest.

Differs from scikit-learn: without ties, predictions agree to rounding (1e-12). Where two dimensions separate values equally well,
scikit-learn sometimes follows the rounding errors of its sums, which no seed controls; the importances of such dimensions then
differ by about as much as between two seeds of scikit-learn (0.01 on the published example). A node of equal residuals is not
split, whatever rounding says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS, RATE = 100, 0.1


@dataclass(frozen=True)
class SortedColumns:
    """Codes ready for any number of fits: `columns` [D, N] float32, the `order` that sorts them, and in which block a row lies."""

    columns: np.ndarray
    ordered: np.ndarray
    order: np.ndarray
    block_of: np.ndarray
    width: int


def sorted_columns(codes: np.ndarray) -> SortedColumns:
    """Sorts each dimension of codes [N, D] once."""
    columns = _columns(codes)
    rows = columns.shape[1]
    order = np.argsort(columns, axis=1, kind="stable").astype(np.int32)
    width = max(32, -(-rows // 512))  # rows in a block: 32, and more where there would be more than 512 blocks
    block_of = np.empty(order.shape, np.uint16)
    np.put_along_axis(block_of, order, (np.arange(rows) // width).astype(np.uint16)[None], axis=1)
    return SortedColumns(columns, np.take_along_axis(columns, order, axis=1), order, block_of, width)


@dataclass(frozen=True)
class BoostedTrees:
    """A fit. `importances` [D] sum to 1 (to 0 where no tree was split); the trees lie round by round, in the order of `classes`."""

    classes: np.ndarray
    importances: np.ndarray
    prior: np.ndarray
    features: np.ndarray
    thresholds: np.ndarray
    values: np.ndarray

    def scores(self, codes: np.ndarray, rounds: int = ROUNDS) -> np.ndarray:
        """Log-odds of the second of two classes [M, 1], or unnormalised log-probabilities [M, K], after so many rounds."""
        from metrics.tree_kernels import add_predictions

        trees = rounds * len(self.prior)
        scores = np.tile(self.prior, (len(codes), 1))
        add_predictions(_columns(codes), self.features[:trees], self.thresholds[:trees], self.values[:trees], scores, RATE)
        return scores

    def predict(self, codes: np.ndarray, rounds: int = ROUNDS) -> np.ndarray:
        """The likeliest class of each row of codes [M, D]."""
        scores = self.scores(codes, rounds)
        chosen = (scores[:, 0] >= 0).astype(np.int64) if scores.shape[1] == 1 else scores.argmax(axis=1)
        predicted: np.ndarray = self.classes[chosen]
        return predicted

    def probabilities(self, codes: np.ndarray, rounds: int = ROUNDS) -> np.ndarray:
        """The probability of each class, [M, K]."""
        scores = self.scores(codes, rounds)
        if scores.shape[1] == 1:
            scores = np.hstack([np.zeros_like(scores), scores])
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        normalised: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
        return normalised


def trees_of(classes: int, rounds: int = ROUNDS) -> int:
    """How many trees are grown for so many classes."""
    return rounds * (classes if classes > 2 else 1)


def tree_seeds(seed: int, numbers: Sequence[int]) -> list[np.ndarray]:
    """Seeds of the trees of several fits in a row, as scikit-learn draws them from numpy's legacy generator under one seed."""
    generator = np.random.RandomState(seed)
    return [generator.randint(0, 2**31 - 1, size=number) for number in numbers]


def fit_boosted_trees(codes: SortedColumns, labels: np.ndarray, seeds: np.ndarray) -> BoostedTrees:
    """Trees that tell the classes of `labels` [N], at least two; `seeds`: one for each of `trees_of` them."""
    from metrics.tree_kernels import boost

    classes, ranks, counts = np.unique(labels, return_inverse=True, return_counts=True)
    logs = np.log(counts / counts.sum())
    prior = logs[1:] - logs[:1] if len(classes) == 2 else logs - logs.mean()
    scores = np.tile(prior, (len(ranks), 1))
    features, thresholds, values, gains = boost(
        codes.columns, codes.ordered, codes.order, codes.block_of, codes.width, ranks, scores, seeds, RATE
    )
    total = gains.sum()
    return BoostedTrees(classes, gains / total if total > 0 else gains, prior, features, thresholds, values)


def _columns(codes: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(codes.T, dtype=np.float32)

"""Linear support vector machines on ONE feature, one class against the rest, exactly and for many classes at once.

The problem that liblinear solves for LinearSVC with class_weight "balanced" (squared hinge loss, the intercept penalised like the
weight): for each class, with x the feature and y = 1 within the class, -1 in the rest,
    minimise (w^2 + b^2) / 2 + sum over samples of c max(0, 1 - y (w x + b))^2,
c = cost N / (K N_k) within the class and cost in the rest; of two classes both are balanced. On one feature the samples that have a
loss lie to one side of a threshold: after sorting once, Newton's method needs running sums only, whatever the number of samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_STEPS = 60
MOST_HALVINGS = 30
LARGEST = 1e60  # of a feature that is not shrunk: squares of squares must not overflow
LEAST, LEAST_RELATIVE = 1e-60, 1e-13  # of the range of one that varies


def one_against_rest(feature: np.ndarray, labels: Sequence[np.ndarray], cost: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and intercepts [K] for the classes of every labelling: features [N]; labels 0 to K - 1 [N], each of which occurs."""
    shrunk = min(1.0, LARGEST / max(float(np.abs(feature).max()), LARGEST))
    centre = float((feature * shrunk).mean())
    centred = feature * shrunk - centre
    scale = float(np.abs(centred).max())
    if scale <= max(LEAST, LEAST_RELATIVE * abs(centre)):  # as good as constant
        centred, scale = np.zeros_like(centred), 1.0
    sums = _RunningSums.of(centred / scale, labels)
    penalty = _Penalty(1 / scale**2, centre / scale)
    sizes = [len(np.bincount(column)) for column in labels]
    ends = np.cumsum(sizes)
    within = np.repeat([cost * len(feature) / size for size in sizes], sizes) / sums.totals[:, 0]
    rest = np.full(len(within), cost)
    for end, size in zip(ends, sizes, strict=True):
        if size == 2:
            rest[end - 2 : end] = within[end - 2 : end][::-1]
    found = _minimised(sums, penalty, np.stack([within, rest]))
    weights = found[:, 0] / scale
    intercepts = found[:, 1] - weights * centre
    return list(zip(np.split(weights * shrunk, ends[:-1]), np.split(intercepts, ends[:-1]), strict=True))


def predicted(feature: np.ndarray, weights: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
    """The class of the largest decision value, the first of equals: [N], [K], [K] -> [N]. Of two classes the second decides."""
    if len(weights) == 2:
        return (feature * weights[1] + intercepts[1] > 0).astype(np.int64)
    best = np.zeros(len(feature), dtype=np.int64)
    largest = feature * weights[0] + intercepts[0]
    for k in range(1, len(weights)):
        decision = feature * weights[k] + intercepts[k]
        best[decision > largest] = k
        np.maximum(largest, decision, out=largest)
    return best


def _minimised(sums: _RunningSums, penalty: _Penalty, costs: np.ndarray) -> np.ndarray:
    """Newton's method on a convex, piecewise quadratic function for every class: (weight, intercept) [classes, 2]."""
    solution = np.zeros((costs.shape[1], 2))
    moments = sums.with_loss(solution)
    value = _objective(solution, moments, penalty, costs)
    for _ in range(MOST_STEPS):
        step = _newton_point(moments, penalty, costs) - solution
        for _ in range(MOST_HALVINGS):
            candidate = solution + step
            moments = sums.with_loss(candidate)
            reached = _objective(candidate, moments, penalty, costs)
            worse = reached > value * (1 + 1e-12)
            if not worse.any():
                break
            step[worse] /= 2
        solution, value = candidate, reached
        if np.abs(step).max() <= 1e-9 * np.abs(solution).max():
            break
    return solution


def _newton_point(moments: np.ndarray, penalty: _Penalty, costs: np.ndarray) -> np.ndarray:
    """The minimum if the samples with a loss stayed the same; the determinant from terms that are not negative each."""
    count, first, second = np.moveaxis(2 * costs[:, :, None] * moments, -1, 0)
    right = np.stack([first[0] - first[1], count[0] - count[1]])
    count, first, second = count.sum(axis=0), first.sum(axis=0), second.sum(axis=0)
    crossed = (penalty.curvature + penalty.slope**2) * count + second + 2 * penalty.slope * first
    determinant = penalty.curvature + np.maximum(crossed, 0) + np.maximum(count * second - first**2, 0)
    a, b, c = penalty.curvature + penalty.slope**2 + second, first - penalty.slope, 1 + count
    return np.stack([c * right[0] - b * right[1], a * right[1] - b * right[0]], axis=1) / determinant[:, None]


def _objective(solution: np.ndarray, moments: np.ndarray, penalty: _Penalty, costs: np.ndarray) -> np.ndarray:
    weight, intercept = solution.T
    losses = np.zeros(len(solution))
    for sign, cost, (count, first, second) in zip((1, -1), costs, np.moveaxis(moments, -1, 1), strict=True):
        margin, slope = 1 - sign * intercept, -sign * weight
        losses += cost * (count * margin**2 + 2 * margin * slope * first + slope**2 * second)
    found: np.ndarray = (penalty.curvature * weight**2 + (intercept - penalty.slope * weight) ** 2) / 2 + losses
    return found


@dataclass(frozen=True)
class _Penalty:
    """(w^2 + b^2) / 2 in terms of the centred, scaled feature: (curvature u^2 + (v - slope u)^2) / 2."""

    curvature: float
    slope: float


@dataclass(frozen=True)
class _RunningSums:
    """Count, sum and sum of squares of a sorted feature up to each place, over all samples and over one class after the other."""

    feature: np.ndarray  # [N], rising
    of_all: np.ndarray  # [N + 1, 3]
    of_classes: np.ndarray  # [N * labellings + 1, 3]
    places: np.ndarray  # class * (N + 1) + place among all samples, rising
    starts: np.ndarray  # [classes], where each begins in of_classes
    totals: np.ndarray  # [classes, 3]

    @classmethod
    def of(cls, feature: np.ndarray, labels: Sequence[np.ndarray]) -> _RunningSums:
        order = np.argsort(feature, kind="stable")
        ordered, samples = feature[order], len(feature)
        places, counts, classes = [], [], 0
        for column in labels:
            sizes = np.bincount(column)
            ranked = column[order]
            by_class = np.argsort(ranked.astype(np.int16) if len(sizes) < 32768 else ranked, kind="stable")
            places.append((ranked[by_class] + classes) * (samples + 1) + by_class)
            counts.append(sizes)
            classes += len(sizes)
        place = np.concatenate(places)
        of_classes = _running(ordered[place % (samples + 1)])
        ends = np.cumsum(np.concatenate(counts))
        starts = np.concatenate([[0], ends[:-1]])
        return cls(ordered, _running(ordered), of_classes, place, starts, of_classes[ends] - of_classes[starts])

    def with_loss(self, solution: np.ndarray) -> np.ndarray:
        """Count, sum and sum of squares of the samples that have a loss: of the class, and of the rest [2, classes, 3]."""
        weight, intercept = solution.T
        rising = (weight > 0)[:, None]
        own, _ = self._below(weight, 1 - intercept)
        other, every = self._below(weight, -1 - intercept)
        rest_below, rest = every - other, self.of_all[-1] - self.totals
        return np.stack([np.where(rising, own, self.totals - own), np.where(rising, rest - rest_below, rest_below)])

    def _below(self, weight: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sums over samples below level / weight, of the class and of all; a weight of 0 counts as one just below it."""
        flat = np.where(level > 0, -np.inf, np.inf)
        with np.errstate(over="ignore"):
            threshold = np.divide(level, weight, out=flat, where=weight != 0)
        places = np.searchsorted(self.feature, threshold)
        found = np.searchsorted(self.places, np.arange(len(weight)) * (len(self.feature) + 1) + places)
        return self.of_classes[found] - self.of_classes[self.starts], self.of_all[places]


def _running(values: np.ndarray) -> np.ndarray:
    sums = np.zeros((len(values) + 1, 3))
    sums[1:, 0] = np.arange(1, len(values) + 1)
    np.cumsum(values, out=sums[1:, 1])
    np.cumsum(values**2, out=sums[1:, 2])
    return sums

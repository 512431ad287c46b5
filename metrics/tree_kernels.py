"""The inner loops of `boosted_trees`, compiled by numba at first use (some seconds, then cached beside this file).

A tree has 15 places: 0 is the root, the children of place p are 2 p + 1 and 2 p + 2, and places 7 to 14 end it. Places are
visited depth first, because the order in which features are tried is drawn node by node.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from metrics.split_kernels import add_rows, best_split, root_sums, subtract
from metrics.visiting_order import constant_features, visit

INNER, PLACES = 7, 15
DEPTH_FIRST = (0, 1, 3, 7, 8, 4, 9, 10, 2, 5, 11, 12, 6, 13, 14)
PURE = 2.220446049250313e-16  # a node whose variance is at most this is not split


@njit(cache=True, nogil=True)
def boost(columns, ordered, order, block_of, width, labels, raw, seeds, rate):  # type: ignore[no-untyped-def]
    """Boosted trees on columns [D, N] float32, sorted beforehand; `raw` [N, T] starts as the prior and ends as the prediction.

    T trees per round (one for each of K > 2 classes, one for both of 2), each with its seed. Returns per tree the feature of
    each inner place (-1 where it is not split), its threshold, the value of each place; and what all splits gained [D].
    """
    dimensions, rows = columns.shape
    trees, outputs = len(seeds), raw.shape[1]
    features = np.full((trees, INNER), -1, np.int32)
    thresholds = np.zeros((trees, INNER), np.float64)
    values = np.zeros((trees, PLACES), np.float64)
    gains = np.zeros(dimensions, np.float64)
    residuals = np.empty((rows, outputs), np.float64)
    of_output = np.empty(rows, np.float64)
    inverse = np.zeros(rows + 1, np.float64)
    inverse[1:] = 1.0 / np.arange(1, rows + 1)
    sums = np.empty((INNER, dimensions, (rows + width - 1) // width, 3), np.float64)
    roots = np.empty((outputs, *sums.shape[1:]), np.float64)
    place_of = np.empty(rows, np.uint8)
    members, own = np.empty((2, rows), np.int32), np.empty((2, rows), np.float64)
    for tree in range(trees):
        output = tree % outputs
        if output == 0:
            _residuals(raw, labels, residuals)
            root_sums(roots, order, width, residuals)
        sums[0] = roots[output]
        of_output[:] = residuals[:, output]
        _grow(
            columns, ordered, order, block_of, width, of_output, inverse, sums, place_of, members, own,
            seeds[tree], features[tree], thresholds[tree], values[tree], gains, outputs,
        )  # fmt: skip
        for row in range(rows):
            raw[row, output] += rate * values[tree, place_of[row]]
    return features, thresholds, values, gains


@njit(cache=True, nogil=True)
def _residuals(raw, labels, residuals):  # type: ignore[no-untyped-def]
    """Truth minus probability, [N, T]."""
    rows, outputs = raw.shape
    for row in range(rows):
        if outputs == 1:
            residuals[row, 0] = labels[row] - 1.0 / (1.0 + np.exp(-raw[row, 0]))
            continue
        highest = raw[row].max()
        total = 0.0
        for k in range(outputs):
            residuals[row, k] = np.exp(raw[row, k] - highest)
            total += residuals[row, k]
        for k in range(outputs):
            residuals[row, k] /= -total
        residuals[row, labels[row]] += 1.0


@njit(cache=True, nogil=True)
def _grow(  # type: ignore[no-untyped-def]
    columns, ordered, order, block_of, width, residuals, inverse, sums, place_of, members, own,
    seed, features, thresholds, values, gains, outputs,
):  # fmt: skip
    """One tree: fills features, thresholds, values and `place_of` (where each row ends), adds to the gains.

    The rows of a place lie together in `members[0]`, and their residuals in `own[0]`; the second row of both is scratch.
    `sums[0]` holds the sums of the root.
    """
    dimensions, rows = columns.shape
    first, last = np.zeros(PLACES, np.int64), np.zeros(PLACES, np.int64)
    known = np.zeros(PLACES, np.int64)  # features that are constant since a parent
    state = np.uint32(seed)
    shuffled, constants = np.arange(dimensions), np.zeros(dimensions, np.int64)
    visited, constant = np.empty(dimensions, np.int64), np.empty(dimensions, np.bool_)
    last[0] = rows
    place_of[:] = 0
    members[0] = np.arange(rows)
    own[0] = residuals
    for place in DEPTH_FIRST:
        start, end = first[place], last[place]
        count = end - start
        if count == 0:
            continue
        total, squares, absolute, equal = _moments(own[0], start, end)
        mean = total / count
        feature, threshold, gain = -1, 0.0, 0.0
        if place < INNER and not equal and squares / count - mean * mean > PURE:
            constant_features(constant, columns, ordered, order, place_of, place, members[0], start, end)
            state, candidates, known[place] = visit(state, shuffled, constants, known[place], constant, visited)
            feature, threshold, gain = best_split(
                sums[place], ordered, order, width, residuals, place_of, place, count, mean, inverse, visited[:candidates]
            )
        if feature < 0:
            curvature = (absolute - squares) / count
            if abs(curvature) > 1e-150:
                values[place] = mean / curvature * (1.0 if outputs == 1 else (outputs - 1.0) / outputs)
            continue
        features[place], thresholds[place] = feature, threshold
        gains[feature] += gain
        middle = _divide(columns[feature], threshold, members, own, start, end, place_of, place)
        left, right = 2 * place + 1, 2 * place + 2
        first[left], last[left], known[left] = start, middle, known[place]
        first[right], last[right], known[right] = middle, end, known[place]
        if left < INNER:
            small, large = (left, right) if middle - start <= end - middle else (right, left)
            add_rows(sums[small], block_of, members[0], own[0], first[small], last[small])
            subtract(sums[place], sums[small], sums[large])


@njit(cache=True, nogil=True)
def _moments(own, start, end):  # type: ignore[no-untyped-def]
    """Sum, sum of squares and of absolute values, and whether all values are equal."""
    total, squares, absolute, equal = 0.0, 0.0, 0.0, True
    for i in range(start, end):
        value = own[i]
        total += value
        squares += value * value
        absolute += abs(value)
        equal &= value == own[start]
    return total, squares, absolute, equal


@njit(cache=True, nogil=True)
def _divide(column, threshold, members, own, start, end, place_of, place):  # type: ignore[no-untyped-def]
    """Brings the rows up to the threshold before the others, each in their order; where the others begin."""
    middle, others = start, 0
    for i in range(start, end):
        row, value = members[0, i], own[0, i]
        below = column[row] <= threshold
        members[0, middle], own[0, middle] = row, value  # both are written, and one of them again by the next row
        members[1, others], own[1, others] = row, value
        middle += below
        others += 1 - below
        place_of[row] = 2 * place + 2 - below
    members[0, middle:end] = members[1, :others]
    own[0, middle:end] = own[1, :others]
    return middle


@njit(cache=True, nogil=True)
def add_predictions(columns, features, thresholds, values, raw, rate):  # type: ignore[no-untyped-def]
    """Adds what the trees say of columns [D, M] to `raw` [M, T]."""
    outputs = raw.shape[1]
    for tree in range(len(features)):
        for row in range(raw.shape[0]):
            place = 0
            while place < INNER and features[tree, place] >= 0:
                place = 2 * place + 1 + (columns[features[tree, place], row] > thresholds[tree, place])
            raw[row, tree % outputs] += rate * values[tree, place]

"""The best split of a node of a regression tree, over all features and thresholds, without visiting most of them.

The sorted values of each feature are cut into blocks of equally many rows. A node keeps, per feature and block, how many of
its rows lie there, the sum of their residuals and that of the squares: enough for an upper bound of the gain of every split
inside the block. Only blocks whose bound reaches the best split so far are looked into, row by row. The result is that of a
search through all thresholds. Sums of the larger of two children are those of the parent minus the smaller one's.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEAR = np.float32(1e-7)  # values that are no farther apart count as equal
TIE = 1e-9  # gains that are relatively no farther apart count as equal


@njit(cache=True, nogil=True)
def add_rows(sums, block_of, members, own, start, end):  # type: ignore[no-untyped-def]
    """The sums [D, B, 3] (number, residuals, squares) of the rows members[start:end], whose residuals are own[start:end]."""
    sums[:] = 0.0
    for feature in range(len(sums)):
        of_feature = sums[feature]
        blocks = block_of[feature]
        for i in range(start, end):
            block, value = blocks[members[i]], own[i]
            of_feature[block, 0] += 1.0
            of_feature[block, 1] += value
            of_feature[block, 2] += value * value


@njit(cache=True, nogil=True)
def root_sums(sums, order, width, residuals):  # type: ignore[no-untyped-def]
    """The sums [T, D, B, 3] of all rows, for each column of residuals [N, T]: one pass for all trees of a round."""
    outputs, dimensions, blocks, _ = sums.shape
    total, squares = np.empty(outputs, np.float64), np.empty(outputs, np.float64)
    for feature in range(dimensions):
        for block in range(blocks):
            total[:] = 0.0
            squares[:] = 0.0
            rows = order[feature, block * width : (block + 1) * width]
            for row in rows:
                for k in range(outputs):
                    value = residuals[row, k]
                    total[k] += value
                    squares[k] += value * value
            for k in range(outputs):
                sums[k, feature, block, 0] = len(rows)
                sums[k, feature, block, 1] = total[k]
                sums[k, feature, block, 2] = squares[k]


@njit(cache=True, nogil=True)
def subtract(whole, part, rest):  # type: ignore[no-untyped-def]
    """Writes the sums of the other child into `rest`."""
    for feature in range(whole.shape[0]):
        for block in range(whole.shape[1]):
            for i in range(3):
                rest[feature, block, i] = whole[feature, block, i] - part[feature, block, i]


@njit(cache=True, nogil=True)
def best_split(  # type: ignore[no-untyped-def]
    sums, ordered, order, width, residuals, place_of, place, count, mean, inverse, visited
):
    """Feature, threshold and gain of the split with the largest decrease of squared deviations; feature -1 where there is none.

    Of features whose gains are equal, the first of `visited`; of the equal thresholds of a feature, the lowest.
    """
    bounds = np.empty(sums.shape[:2], np.float64)
    starts = np.empty((*sums.shape[:2], 2), np.float64)
    start_feature, start_block = _bounds(sums, bounds, starts, width, count, mean, inverse, visited)
    if start_feature < 0:
        return -1, 0.0, 0.0
    best, _ = _inside(sums, starts, ordered, order, width, residuals, place_of, place, count, mean, inverse, start_feature, start_block)
    gains = np.full(len(bounds), -1.0)
    thresholds = np.zeros(len(bounds), np.float64)
    for feature in visited:
        for block in range(bounds.shape[1]):
            if bounds[feature, block] >= best * (1.0 - 2.0 * TIE):
                gain, threshold = _inside(
                    sums, starts, ordered, order, width, residuals, place_of, place, count, mean, inverse, feature, block
                )
                if gain > gains[feature] * (1.0 + TIE):
                    gains[feature], thresholds[feature] = gain, threshold
                    best = max(best, gain)
    for feature in visited:
        if gains[feature] >= max(best * (1.0 - TIE), 0.0):
            return feature, thresholds[feature], gains[feature]
    return -1, 0.0, 0.0


@njit(cache=True, nogil=True)
def _bounds(sums, bounds, starts, width, count, mean, inverse, visited):  # type: ignore[no-untyped-def]
    """Upper bound of the gain of the splits before any row of a block (-1 where it has none), and where to look first.

    With t the sum of deviations from the node's mean up to a split of n rows, the gain is t^2 (1 / n + 1 / (count - n)). Between
    t_0 and t_1 at the ends of a block, |t| is at most half of |t_0 + t_1| + sqrt(rows in the block * their squared deviations).
    """
    blocks = bounds.shape[1]
    slack = 1e-14 * width
    most, chosen_feature, chosen_block = -1.0, -1, -1
    for feature in visited:
        before, after = 0.0, 0.0
        number = 0
        for block in range(blocks):
            here = int(sums[feature, block, 0])
            starts[feature, block, 0], starts[feature, block, 1] = number, before
            if here == 0 or number + here < 2:
                bounds[feature, block] = -1.0
            else:
                total = sums[feature, block, 1]
                after = before + total - here * mean
                spread = max(sums[feature, block, 2] - 2.0 * mean * total + here * mean * mean, 0.0) + slack
                reach = 0.5 * (abs(before + after) + np.sqrt(here * spread)) + 1e-12
                low, high = max(number, 1), number + here - 1
                weight = max(inverse[low] + inverse[count - low], inverse[high] + inverse[count - high])
                bounds[feature, block] = reach * reach * weight
                gain = before * before * (inverse[low] + inverse[count - low])
                if gain > most:
                    most, chosen_feature, chosen_block = gain, feature, block
            before += sums[feature, block, 1] - here * mean
            number += here
    return chosen_feature, chosen_block


@njit(cache=True, nogil=True)
def _inside(  # type: ignore[no-untyped-def]
    sums, starts, ordered, order, width, residuals, place_of, place, count, mean, inverse, feature, block
):
    """Largest gain among the splits before a row of this block, and its threshold; gain -1 where there is none."""
    values, rows = ordered[feature], order[feature]
    number, reached = int(starts[feature, block, 0]), starts[feature, block, 1]
    previous = np.float32(0.0)
    if number:
        earlier = block - 1
        while sums[feature, earlier, 0] < 0.5:
            earlier -= 1
        i = min((earlier + 1) * width, len(rows)) - 1
        while place_of[rows[i]] != place:
            i -= 1
        previous = values[i]
    best, threshold = -1.0, 0.0
    for i in range(block * width, min((block + 1) * width, len(rows))):
        row = rows[i]
        if place_of[row] != place:
            continue
        value = values[i]
        if number and value > previous + NEAR:
            gain = reached * reached * (inverse[number] + inverse[count - number])
            if gain > best * (1.0 + TIE):
                best, threshold = gain, 0.5 * np.float64(previous) + 0.5 * np.float64(value)
        reached += residuals[row] - mean
        number += 1
        previous = value
    return best, threshold

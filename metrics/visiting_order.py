"""In which order scikit-learn's trees visit the features of a node: it decides which of several equally good splits is taken.

Two dimensions that hold the same factor separate its values equally well. scikit-learn then takes whichever it happens to
visit first, in a random order that every tree draws anew; the importances follow from that. The same order is drawn here
from the same seed (a 32-bit xorshift generator and a shuffle that passes over features known to be constant), so that equal
seeds give equal importances, ties included.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from metrics.split_kernels import NEAR


@njit(cache=True, nogil=True)
def _drawn(state, low, high):  # type: ignore[no-untyped-def]
    """The next state, and a number from low to high - 1."""
    state = np.uint32(1) if state == 0 else state
    state = np.uint32(state ^ np.uint32(state << np.uint32(13)))
    state = np.uint32(state ^ np.uint32(state >> np.uint32(17)))
    state = np.uint32(state ^ np.uint32(state << np.uint32(5)))
    return state, low + np.int64(state & np.uint32(0x7FFFFFFF)) % (high - low)


@njit(cache=True, nogil=True)
def visit(state, shuffled, constants, known, constant, visited):  # type: ignore[no-untyped-def]
    """Fills `visited` with the features that are not `constant` in a node, as they come up.

    `shuffled` [D] is the order left behind by the node before; its first `known` are constant since a parent, in the order of
    `constants`. Returns the state of the generator, how many were visited, and how many are constant now.
    """
    number, passed, found = 0, 0, 0
    left = len(shuffled)
    while left > known + found:
        state, at = _drawn(state, passed, left - found)
        if at < known:
            shuffled[passed], shuffled[at] = shuffled[at], shuffled[passed]
            passed += 1
            continue
        at += found
        feature = shuffled[at]
        if constant[feature]:
            other = known + found
            found += 1
        else:
            left -= 1
            other = left
            visited[number] = feature
            number += 1
        shuffled[at], shuffled[other] = shuffled[other], shuffled[at]
    shuffled[:known] = constants[:known]
    constants[known : known + found] = shuffled[known : known + found]
    return state, number, known + found


@njit(cache=True, nogil=True)
def constant_features(constant, columns, ordered, order, place_of, place, members, start, end):  # type: ignore[no-untyped-def]
    """Marks the features whose values in this node are no farther apart than scikit-learn tells apart."""
    dimensions, rows = order.shape
    for feature in range(dimensions):
        if (end - start) ** 2 > rows:  # the ends of the sorted values are near
            low, high = 0, rows - 1
            while place_of[order[feature, low]] != place:
                low += 1
            while place_of[order[feature, high]] != place:
                high -= 1
            lowest, highest = ordered[feature, low], ordered[feature, high]
        else:
            lowest = highest = columns[feature, members[start]]
            for i in range(start + 1, end):
                value = columns[feature, members[i]]
                lowest, highest = min(lowest, value), max(highest, value)
        constant[feature] = highest <= lowest + NEAR

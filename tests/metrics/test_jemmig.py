"""JEMMIG: hand-worked entropies, ties, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.jemmig import jemmig
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import COMPARISON, codes_of, entangled, every_set, measured, reordered


def score(representation, factor=None, **settings):
    return value(jemmig(representation, stream(0, "jemmig"), **settings), "jemmig", factor)


def test_hand_worked():
    # Factor 0 in dimension 0: joint entropy log 4, gap log 4. Factor 1 in dimension 1, with factor 0: joint log 12, gap log 3.
    factors = grid((4, 3))
    codes = np.column_stack([factors[:, 0], 4 * factors[:, 1] + factors[:, 0]])
    raw = {"normalised": False}
    # both dimensions know factor 0 wholly: the gap is 0, and the one that holds nothing else is the best
    assert score(of(codes, factors), "f0", **raw) == pytest.approx(np.log(4))
    assert score(of(codes, factors), "f1", **raw) == pytest.approx(np.log(12) - np.log(3))
    assert score(of(codes, factors), "f1") == pytest.approx(1 - np.log(4) / (np.log(3) + np.log(20)))
    assert score(of(factors, factors), **raw) == pytest.approx(0, abs=1e-12)
    assert score(of(factors, factors)) == pytest.approx(1)


def test_ties_do_not_hang_on_the_order_of_dimensions():
    factors = grid((4, 3))
    codes = np.column_stack([factors[:, 0], 4 * factors[:, 1] + factors[:, 0]])
    assert score(of(codes[:, ::-1], factors)) == pytest.approx(score(of(codes, factors)), abs=1e-12)


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    assert score(reordered(plain)) == pytest.approx(score(plain), abs=0.01)


@every_set
@pytest.mark.parametrize("bins", (10, 20))
def test_reference(name, mode, bins):
    # Two dimensions of c_redundant know each factor equally: rounding decides there which of them the others take.
    tied = {"rel": 2e-3} if (name, mode) == ("c_redundant", "mean") else {"rel": 1e-6, "abs": 1e-12}
    for expected in measured("jemmig", COMPARISON, name, mode, nb_bins=bins):
        assert score(codes_of(name, mode), bins=bins) == pytest.approx(expected, **tied)

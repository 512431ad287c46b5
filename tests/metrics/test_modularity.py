"""Modularity: hand-worked shares, dead dimensions, and the measured reference of three implementations."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.modularity import modularity
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import COMPARISON, LIBRARY, codes_of, entangled, every_set, measured, reordered


def scored(representation, **settings):
    return modularity(representation, stream(0, "modularity"), **settings)


def test_hand_worked():
    # Dimension 0 is factor 0: 1. Dimension 1 holds log 4 of factor 0 and log 2 of factor 2: 1 - (1/2)^2 / 2. Dimension 2 is dead: 0.
    factors = grid((4, 3, 2))
    codes = np.column_stack([factors[:, 0], 2 * factors[:, 0] + factors[:, 2], np.zeros(24)])
    assert value(scored(of(codes, factors)), "modularity") == pytest.approx((1 + 1 - 1 / 8 + 0) / 3)


def test_one_factor_is_refused():
    scores = scored(of(grid((4, 3)), np.column_stack([grid((4, 3))[:, 0], np.zeros(12, dtype=int)])))
    assert not scores.rows
    assert {refusal.factor for refusal in scores.refusals} == {"f1", None}


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    assert value(scored(reordered(plain)), "modularity") == pytest.approx(value(scored(plain), "modularity"), abs=0.01)


@every_set
@pytest.mark.parametrize(
    ("implementation", "bins"),
    [(LIBRARY, 20), ("disentangling-correlated-factors dent/metrics", 20), (COMPARISON, 10), (COMPARISON, 20)],
)
def test_reference(name, mode, implementation, bins):
    params = {"nb_bins": bins} if implementation == COMPARISON else {}
    for expected in measured("modularity", implementation, name, mode, **params):
        assert value(scored(codes_of(name, mode), bins=bins), "modularity") == pytest.approx(expected, rel=1e-6)


@every_set
def test_reference_of_the_training_rows(name, mode):
    expected = measured("modularity_train_only", LIBRARY, name, mode)
    whole = codes_of(name, mode)
    rows = -(-2 * len(whole.codes) // 3)
    part = type(whole)(whole.codes[:rows], whole.factors[:rows], whole.factor_space, mode)
    assert [value(scored(part), "modularity")] * len(expected) == pytest.approx(expected, rel=1e-6)

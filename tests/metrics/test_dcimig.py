"""DCIMIG: hand-worked gaps, entropy weights, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.dcimig import dcimig
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import COMPARISON, codes_of, entangled, every_set, measured, reordered


def scored(representation, **settings):
    return dcimig(representation, stream(0, "dcimig"), **settings)


def test_hand_worked():
    # Dimension 0 is half of factor 0 (gap log 2 of log 4), dimension 1 all of factor 1, dimension 2 both alike: no gap.
    factors = grid((4, 3))
    codes = np.column_stack([factors[:, 0] // 2, factors[:, 1], stream(0, "order").permutation(12)])
    scores = scored(of(codes[:, :2], factors))
    assert value(scores, "dcimig", "f0") == pytest.approx(0.5)
    assert value(scores, "dcimig", "f1") == pytest.approx(1)
    assert value(scores, "dcimig") == pytest.approx((np.log(2) + np.log(3)) / (np.log(4) + np.log(3)))
    # A dimension of twelve different values knows both: log 4 - log 3 is left for factor 0.
    assert value(scored(of(codes[:, 2:], factors)), "dcimig", "f0") == pytest.approx(1 - np.log(3) / np.log(4))


def test_a_factor_gets_its_best_dimension_only():
    factors = grid((4, 3))
    codes = np.column_stack([factors[:, 0] // 2, factors[:, 0]])
    scores = scored(of(codes, factors))
    assert (value(scores, "dcimig", "f0"), value(scores, "dcimig", "f1")) == pytest.approx((1, 0))
    assert np.allclose(scores.matrices["information_gap"].values, [[np.log(2), 0], [np.log(4), 0]])


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    assert value(scored(reordered(plain)), "dcimig") == pytest.approx(value(scored(plain), "dcimig"), abs=0.01)


@every_set
@pytest.mark.parametrize("bins", (10, 20))
def test_reference(name, mode, bins):
    for expected in measured("dcimig", COMPARISON, name, mode, nb_bins=bins):
        assert value(scored(codes_of(name, mode), bins=bins), "dcimig") == pytest.approx(expected, rel=1e-6, abs=1e-12)

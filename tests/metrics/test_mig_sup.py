"""MIG-sup: hand-worked gaps of dimensions, both normalisers, dead dimensions, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.mig_sup import mig_sup
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import COMPARISON, codes_of, entangled, every_set, measured, reordered


def score(representation, **settings):
    return value(mig_sup(representation, stream(0, "mig_sup"), **settings), "mig_sup")


def test_hand_worked():
    # Dimension 0 is factor 0 alone: gap 1. Dimension 1 holds both: I / H = 1 and 1, gap 0. Dimension 2 is half of factor 1: 1/2.
    factors = grid((4, 4))
    codes = np.column_stack([factors[:, 0], 4 * factors[:, 0] + factors[:, 1], factors[:, 1] // 2])
    assert score(of(codes, factors)) == pytest.approx((1 + 0 + 0.5) / 3)
    assert score(of(codes, factors), normaliser="code") == pytest.approx((1 + 0 + 1) / 3)


def test_dimensions_that_are_not_active_do_not_count():
    factors = grid((4, 4))
    noise = 1e-3 * stream(0, "noise").normal(size=(16, 1))
    assert score(of(np.column_stack([factors, np.full(16, 3.0)]), factors)) == pytest.approx(1)
    assert score(of(np.hstack([factors, noise]), factors)) < 0.9
    assert score(of(np.hstack([factors, noise]), factors), active_deviation=0.1) == pytest.approx(1)
    scores = mig_sup(of(noise, factors), stream(0, "mig_sup"), active_deviation=0.1)
    assert not scores.rows and "0.1" in scores.refusals[0].reason


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    assert score(reordered(plain)) == pytest.approx(score(plain), abs=0.01)


@every_set
@pytest.mark.parametrize("bins", (10, 20))
def test_reference(name, mode, bins):
    for expected in measured("mig_sup", COMPARISON, name, mode, nb_bins=bins):
        assert score(codes_of(name, mode), bins=bins, normaliser="code") == pytest.approx(expected, rel=1e-6, abs=1e-12)

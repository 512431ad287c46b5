"""IRS: hand-worked deviations, a loop as plain as the formula, constant factors, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.irs import irs
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import COMPARISON, LIBRARY, changed, codes_of, entangled, every_set, measured, reordered


def score(representation, **settings):
    return value(irs(representation, stream(0, "irs"), **settings), "irs")


def test_hand_worked():
    # Dimension 0 is factor 0: nothing else moves it, 1. Dimension 1 = 3 f0 + f1 (f1 of -1, 1): largest deviation 4, and given f0 it
    # moves by 1, so 3/4; given f1 by 3, so 1/4. Weights 1 and 4.
    factors = 2 * grid((2, 2)) - 1
    codes = np.column_stack([factors[:, 0], 3 * factors[:, 0] + factors[:, 1], np.zeros(4)])
    scores = irs(of(codes, factors, sizes=(2, 2)), stream(0, "irs"), quantile=1.0)
    assert np.allclose(scores.matrices["robustness"].values, [[1, 0], [0.75, 0.25], [0, 0]])
    assert value(scores, "irs") == pytest.approx((1 * 1 + 4 * 0.75) / 5)


@pytest.mark.parametrize("quantile", (0.5, 0.99))
def test_equals_plain_loops(quantile):
    plain = entangled()
    largest = np.abs(plain.codes - plain.codes.mean(axis=0)).max(axis=0)
    best = []
    for d, code in enumerate(plain.codes.T):
        robust = []
        for factor in plain.factors.T:
            groups = [code[factor == v] for v in np.unique(factor)]
            robust.append(1 - np.mean([np.percentile(np.abs(g - g.mean()), 100 * quantile) for g in groups]) / largest[d])
        best.append(max(robust))
    assert score(plain, quantile=quantile) == pytest.approx(np.average(best, weights=largest))


def test_a_constant_factor_is_no_cause():
    plain = entangled()
    beside = changed(plain, factors=np.column_stack([plain.factors, np.full(600, 2)]))
    scores = irs(beside, stream(0, "irs"))
    assert [refusal.factor for refusal in scores.refusals] == ["f3"]
    assert value(scores, "irs") == score(plain)


def test_a_constant_code_and_a_bad_quantile_are_refused():
    scores = irs(changed(entangled(), codes=np.ones((600, 2))), stream(0, "irs"))
    assert not scores.rows and "constant" in scores.refusals[0].reason
    with pytest.raises(UserError, match="between 0 and 1"):
        score(entangled(), quantile=99)


def test_more_values_than_bins_merge():
    codes = np.arange(40.0)[:, None]
    assert score(of(codes, grid((40,))), factor_bins=40) == pytest.approx(1)
    assert score(of(codes, grid((40,))), quantile=1.0) == pytest.approx(1 - 0.5 / 19.5)


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    scales = np.array([-1, 1, 1, -1])  # the mean is weighted by the spread of the dimensions: only a common scale keeps it
    mirrored = changed(plain, codes=8 * plain.codes[:, [2, 0, 3, 1]] * scales)
    assert score(mirrored) == pytest.approx(score(plain), abs=1e-12)
    scores = irs(reordered(plain), stream(0, "irs")).matrices["robustness"].values
    order = stream(2, "order").permutation(4)
    assert np.allclose(scores, irs(plain, stream(0, "irs")).matrices["robustness"].values[order])


@every_set
@pytest.mark.parametrize("quantile", (0.99, 1.0))
def test_reference(name, mode, quantile):
    scores = irs(codes_of(name, mode), stream(0, "irs"), quantile=quantile)
    for expected in measured("irs", LIBRARY, name, mode, diff_quantile=quantile):
        assert value(scores, "irs") == pytest.approx(expected["IRS"], rel=1e-6)
        active = np.ptp(codes_of(name, mode).codes, axis=0) > 0
        assert np.allclose(scores.matrices["robustness"].values[active], expected["matrix"], atol=1e-6)


@every_set
def test_reference_of_a_comparison(name, mode):
    for expected in measured("irs", COMPARISON, name, mode):
        assert score(codes_of(name, mode), quantile=1.0) == pytest.approx(expected, rel=1e-6)

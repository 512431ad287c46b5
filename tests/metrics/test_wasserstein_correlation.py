"""Wasserstein correlation: closed forms, matrix square roots of scipy, scale, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.wasserstein_correlation import wasserstein_correlation
from tests.metrics.codes import of, value
from tests.metrics.measured import LIBRARY, changed, codes_of, entangled, every_set, measured, reordered
from tests.metrics.test_total_correlation import STILL, correlated


def both(representation):
    scores = wasserstein_correlation(representation, stream(0, "w"))
    return value(scores, "wasserstein_correlation"), value(scores, "wasserstein_correlation_norm")


@pytest.mark.parametrize("rho", (0.0, 0.3, -0.9, 1.0))
def test_closed_form_of_two_dimensions(rho):
    # Equal variances v: eigenvalues v^2 (1 + rho) and v^2 (1 - rho).
    codes = correlated(rho) * np.sqrt(399 * 2.0)
    expected = 4 * 2.0 / 2 * (2 - np.sqrt(1 + rho) - np.sqrt(1 - rho))
    assert both(of(codes, STILL)) == pytest.approx((expected, expected / 4), abs=1e-7)


def test_equals_the_square_root_of_scipy():
    linalg = pytest.importorskip("scipy.linalg")
    covariance = np.cov(entangled().codes, rowvar=False)
    root = linalg.sqrtm(covariance * np.diag(covariance)[:, None]).real
    expected = 2 * np.trace(covariance) - 2 * np.trace(root)
    assert both(entangled()) == pytest.approx((expected, expected / np.trace(covariance)))


def test_scale_order_and_sign():
    plain = entangled()
    distance, norm = both(plain)
    assert both(changed(plain, codes=-4 * plain.codes[:, [3, 1, 0, 2]])) == pytest.approx((16 * distance, norm))
    assert both(reordered(plain))[1] != pytest.approx(norm, rel=0.01), "single dimensions rescaled: it depends on that"


def test_constant_and_overflowing_codes_are_refused():
    names = {"wasserstein_correlation", "wasserstein_correlation_norm"}
    scores = wasserstein_correlation(of(np.ones((400, 2)), STILL), stream(0, "w"))
    assert not scores.rows and {refusal.metric for refusal in scores.refusals} == names
    huge = wasserstein_correlation(changed(entangled(), codes=1e200 * entangled().codes), stream(0, "w"))
    assert [refusal.metric for refusal in huge.refusals] == ["wasserstein_correlation"]
    assert value(huge, "wasserstein_correlation_norm") == pytest.approx(both(entangled())[1])


@every_set
def test_reference(name, mode):
    for expected in measured("unsupervised", LIBRARY, name, mode):
        theirs = (expected["gaussian_wasserstein_correlation"], expected["gaussian_wasserstein_correlation_norm"])
        assert both(codes_of(name, mode)) == pytest.approx(theirs, rel=1e-6)

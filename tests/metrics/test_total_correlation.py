"""Total correlation: the closed form of two Gaussians, dependent and dead dimensions, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.total_correlation import total_correlation
from tests.metrics.codes import of, value
from tests.metrics.measured import LIBRARY, changed, codes_of, entangled, every_set, measured, reordered

STILL = np.zeros((400, 1), dtype=int)


def scored(representation):
    return total_correlation(representation, stream(0, "tc"))


def correlated(rho):
    """Two columns whose sample correlation is exactly rho."""
    whitened = np.linalg.qr(stream(0, "white").normal(size=(400, 2)) - [0, 0])[0]
    whitened = np.linalg.qr(whitened - whitened.mean(axis=0))[0]
    return whitened @ np.array([[1, rho], [0, np.sqrt(1 - rho**2)]])


@pytest.mark.parametrize("rho", (0.0, 0.3, -0.9, 0.999))
def test_of_two_dimensions_it_is_their_gaussian_mutual_information(rho):
    assert value(scored(of(correlated(rho), STILL)), "total_correlation") == pytest.approx(-0.5 * np.log(1 - rho**2), abs=1e-12)


def test_constant_dimensions_depend_on_nothing():
    codes = np.column_stack([correlated(0.5), np.full(400, 0.1)])
    assert value(scored(of(codes, STILL)), "total_correlation") == pytest.approx(-0.5 * np.log(0.75))
    scores = scored(of(np.ones((400, 2)), STILL))
    assert not scores.rows and "constant" in scores.refusals[0].reason


def test_linearly_dependent_dimensions_are_named():
    codes = correlated(0.5)
    scores = scored(of(np.column_stack([codes[:, 0], stream(1, "x").normal(size=400), 3 - 2 * codes[:, 0]]), STILL))
    assert not scores.rows and "dimensions 0, 2 are" in scores.refusals[0].reason


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    expected = value(scored(plain), "total_correlation")
    assert value(scored(reordered(plain)), "total_correlation") == pytest.approx(expected)
    assert value(scored(changed(plain, codes=plain.codes * [1e200, 1e-200, 1, 1])), "total_correlation") == pytest.approx(expected)


@every_set
def test_reference(name, mode):
    for expected in measured("unsupervised", LIBRARY, name, mode):
        ours = value(scored(codes_of(name, mode)), "total_correlation")
        assert ours == pytest.approx(expected["gaussian_total_correlation"], rel=1e-6)

"""Continuous SAP: squared correlations by hand and by numpy, kinds of factors, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from foundation.randomness import stream
from metrics.representation import Representation
from metrics.sap_continuous import sap_continuous
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import COMPARISON, LIBRARY, codes_of, entangled, every_set, measured, reordered


def scored(representation):
    return sap_continuous(representation, stream(0, "sap"))


def test_hand_worked():
    # Factor 0 is dimension 0, and half of the variance of dimension 1; factor 1 is the other half.
    factors = 2 * grid((2, 2)) - 1
    codes = np.column_stack([factors[:, 0], factors.sum(axis=1), np.full(4, 7.0)])
    scores = scored(of(codes, factors, sizes=(2, 2)))
    assert (value(scores, "sap_continuous", "f0"), value(scores, "sap_continuous", "f1")) == pytest.approx((0.5, 0.5))
    assert np.allclose(scores.matrices["squared_correlation"].values, [[1, 0], [0.5, 0.5], [0, 0]])


def test_matrix_equals_that_of_numpy():
    plain = entangled()
    expected = np.corrcoef(plain.codes, plain.factors, rowvar=False)[:4, 4:] ** 2
    assert np.allclose(scored(plain).matrices["squared_correlation"].values, expected)


def test_a_continuous_factor_counts_a_constant_one_does_not():
    codes = stream(0, "codes").normal(size=(50, 2))
    space = FactorSpace(("level", "still"), (0, 2), ("continuous", "ordinal"))
    scores = scored(Representation(codes, np.column_stack([codes[:, 0], np.ones(50)]), space))
    assert [refusal.factor for refusal in scores.refusals] == ["still"]
    expected = 1 - np.corrcoef(codes, rowvar=False)[0, 1] ** 2
    assert value(scores, "sap_continuous", "level") == pytest.approx(expected) == value(scores, "sap_continuous")


def test_huge_and_tiny_codes():
    factors = grid((4, 3))
    assert value(scored(of(factors * 1e200, factors)), "sap_continuous") == pytest.approx(1)
    assert value(scored(of(factors * 1e-7, factors)), "sap_continuous") == 0, "a variance below 1e-12 is none"


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    assert value(scored(reordered(plain)), "sap_continuous") == pytest.approx(value(scored(plain), "sap_continuous"), abs=1e-12)


@every_set
def test_reference(name, mode):
    for expected in measured("sap_continuous", LIBRARY, name, mode):
        assert value(scored(codes_of(name, mode)), "sap_continuous") == pytest.approx(expected, rel=1e-6)


@every_set
def test_reference_of_a_comparison_in_single_precision(name, mode):
    for expected in measured("sap_regression", COMPARISON, name, mode):
        assert value(scored(codes_of(name, mode)), "sap_continuous") == pytest.approx(expected, rel=1e-6, abs=2e-9)

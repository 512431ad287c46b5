"""Explicitness: areas by hand and by scikit-learn, unseen values, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.explicitness import area_under_curve, explicitness
from tests.metrics.codes import drawn, grid, of, value
from tests.metrics.measured import COMPARISON, LIBRARY, codes_of, entangled, every_set, measured, reordered


def scored(representation, **settings):
    return explicitness(representation, stream(0, "explicitness"), **settings)


def test_area_by_hand_and_with_ties():
    positive = np.array([True, True, False, False])
    assert area_under_curve(np.array([3.0, 2, 1, 0]), positive) == 1
    assert area_under_curve(np.array([3.0, 0, 2, 1]), positive) == 0.5
    assert area_under_curve(np.array([1.0, 2, 1, 0]), positive) == 7 / 8
    metrics = pytest.importorskip("sklearn.metrics")
    rng = stream(0, "area")
    scores, labels = rng.integers(0, 9, 200) / 9, rng.integers(0, 2, 200) > 0
    assert area_under_curve(scores, labels) == pytest.approx(metrics.roc_auc_score(labels, scores))


def test_equals_scikit_learn():
    linear = pytest.importorskip("sklearn.linear_model")
    metrics = pytest.importorskip("sklearn.metrics")
    plain = entangled()
    train, test = slice(0, 400), slice(400, None)
    codes = (plain.codes - plain.codes[train].mean(axis=0)) / plain.codes[train].std(axis=0)
    scores = scored(plain)
    for i, column in enumerate(plain.factors.T):
        fitted = linear.LogisticRegression(max_iter=5000, tol=1e-8).fit(codes[train], column[train])
        for part, rows in (("train", train), ("test", test)):
            expected = metrics.roc_auc_score(np.eye(column.max() + 1)[column[rows]], fitted.predict_proba(codes[rows]))
            assert value(scores, "explicitness", f"f{i}", part=part) == pytest.approx(expected, abs=1e-5)


def test_perfect_and_independent_codes():
    factors = drawn((3, 4), 1500, stream(1, "factors"))
    perfect = np.hstack([np.eye(3)[factors[:, 0]], np.eye(4)[factors[:, 1]]])
    assert value(scored(of(perfect, factors)), "explicitness", part="test") == 1
    noise = stream(2, "noise").normal(size=(1500, 4))
    assert value(scored(of(noise, factors)), "explicitness", part="test") == pytest.approx(0.5, abs=0.05)
    assert value(scored(of(noise, factors), definition="one_vs_rest"), "explicitness") == pytest.approx(0.0, abs=0.15)


def test_what_training_or_testing_does_not_show():
    factors = np.column_stack([np.repeat([0, 1, 2], 30), np.repeat([0, 0, 1], 30), np.tile([0, 1], 45)])
    scores = scored(of(factors, factors))
    assert {refusal.factor for refusal in scores.refusals} == {"f0", "f1"}, "the test rows show one value of each"
    assert value(scores, "explicitness", part="test") == 1
    assert not scored(of(grid((2,)), grid((2,)))).rows


def test_rows_are_drawn_where_there_are_too_many():
    plain = entangled(3000)
    few = scored(plain, samples=1500)
    assert value(few, "explicitness", part="test") == pytest.approx(value(scored(plain), "explicitness", part="test"), abs=0.02)
    assert {row.setting["samples"] for row in few.rows} == {1500}


def test_order_sign_and_scale_of_dimensions_do_not_matter():
    plain = entangled()
    turned = of(reordered(plain).codes[np.argsort(stream(1, "order").permutation(600))], plain.factors)
    assert value(scored(turned), "explicitness", part="test") == pytest.approx(value(scored(plain), "explicitness", part="test"), abs=1e-6)


@every_set
def test_reference(name, mode):
    expected = measured("explicitness", LIBRARY, name, mode)
    scores = scored(codes_of(name, mode))
    for entry in expected:
        for part in ("train", "test"):
            assert value(scores, "explicitness", part=part) == pytest.approx(entry[part], abs=1e-3)
        factors = [row.value for row in scores.rows if row.factor and row.setting["part"] == "test"]
        assert factors == pytest.approx(entry["per_factor_test"], abs=1e-3)


@every_set
def test_reference_of_a_comparison(name, mode):
    expected = measured("explicitness", COMPARISON, name, mode)
    ours = value(scored(codes_of(name, mode), definition="one_vs_rest"), "explicitness")
    assert [ours] * len(expected) == pytest.approx(expected, abs=1e-3)

"""Discrete SAP: hand-worked machines, scikit-learn's LinearSVC, splits, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.sap_discrete import sap_discrete
from metrics.threshold_svm import one_against_rest, predicted
from tests.metrics.codes import drawn, of, value
from tests.metrics.measured import LIBRARY, changed, codes_of, entangled, every_set, measured


def scored(representation, **settings):
    return sap_discrete(representation, stream(0, "sap"), **settings)


def test_one_machine_by_hand():
    # Classes at -1 and 1, one sample each: minimise w^2 / 2 + 2 c (1 - w)^2 (b = 0 by symmetry), w = 4 c / (1 + 4 c).
    [(weights, intercepts)] = one_against_rest(np.array([-1.0, 1.0]), [np.array([0, 1])], cost=0.5)
    assert weights == pytest.approx([-2 / 3, 2 / 3])
    assert intercepts == pytest.approx([0, 0], abs=1e-12)
    assert predicted(np.array([-3.0, 0.1]), weights, intercepts).tolist() == [0, 1]


@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (5, 0.1), (-300, 40)])
def test_machines_equal_those_of_scikit_learn(shift, scale):
    svm = pytest.importorskip("sklearn.svm")
    rng = stream(1, "svm")
    labels = [rng.integers(0, 4, 300), rng.integers(0, 2, 300)]
    feature = shift + scale * (labels[0] % 3 + labels[1] + rng.normal(size=300)).round(1)  # with ties
    for column, (weights, intercepts) in zip(labels, one_against_rest(feature, labels, 0.01), strict=True):
        theirs = svm.LinearSVC(C=0.01, class_weight="balanced", dual=False, tol=1e-12, max_iter=10**6).fit(feature[:, None], column)
        ours = np.stack([weights, intercepts])[:, -len(theirs.intercept_) :]
        assert np.allclose(ours, [theirs.coef_[:, 0], theirs.intercept_], atol=1e-5)
        assert (predicted(feature, weights, intercepts) == theirs.predict(feature[:, None])).mean() > 0.99


def test_a_constant_feature_and_an_extreme_one_are_solved():
    labels = [np.array([0, 1, 2, 0])]
    for feature in (np.full(4, 3.0), np.array([1e200, -1e200, 0, 1]), np.array([0, 0, 0, 1e-200])):
        [(weights, intercepts)] = one_against_rest(feature, labels, 0.01)
        assert np.isfinite(weights).all() and np.isfinite(intercepts).all()


def test_end_classes_can_be_told_and_the_middle_cannot():
    factors = drawn((2, 8), 900, stream(2, "sap"))
    scores = scored(of(factors, factors), cost=10.0)
    accuracy = scores.matrices["accuracy"].values
    assert accuracy[0, 0] == 1
    assert 0.2 < accuracy[1, 1] < 0.6, "a perfect code of eight values"
    assert value(scores, "sap_discrete", "f0") == pytest.approx(accuracy[0, 0] - accuracy[1, 0])


def test_one_dimension_is_as_if_a_dead_one_stood_beside_it():
    factors = drawn((2, 3), 900, stream(3, "sap"))
    alone, beside = of(3.0 * factors[:, :1], factors), of(np.column_stack([3.0 * factors[:, 0], np.zeros(900)]), factors)
    assert value(scored(alone), "sap_discrete") == pytest.approx(value(scored(beside), "sap_discrete"))


def test_what_training_does_not_show():
    factors = np.column_stack([np.repeat([0, 1, 2], 30), np.repeat([0, 0, 1], 30), np.tile([0, 1], 45)])
    scores = scored(of(factors, factors))
    assert [refusal.factor for refusal in scores.refusals] == ["f1"]
    assert scores.matrices["accuracy"].values[0, 0] == 0, "the third value was never seen"
    assert value(scores, "sap_discrete", "f2") > 0.4
    assert not scored(of(factors[:2] + [[0], [1]], factors[:2] + [[0], [1]])).rows, "two samples: none is left to test"
    with pytest.raises(UserError, match="positive"):
        scored(of(factors, factors), cost=0)


def test_order_and_sign_do_not_matter():
    plain = entangled()
    mirrored = changed(plain, codes=-plain.codes[:, [2, 0, 3, 1]])
    assert value(scored(mirrored), "sap_discrete") == pytest.approx(value(scored(plain), "sap_discrete"), abs=0.01)


@every_set
def test_reference(name, mode):
    for expected in measured("sap_discrete", LIBRARY, name, mode):
        assert value(scored(codes_of(name, mode)), "sap_discrete") == pytest.approx(expected, abs=1e-3)


@every_set
def test_reference_of_bins_and_random_splits(name, mode):
    expected = measured("sap_d", "disentangling-correlated-factors dent/metrics", name, mode)
    ours = [value(sap_discrete(codes_of(name, mode), stream(s, "split"), bins=20, shuffle=True), "sap_discrete") for s in range(3)]
    assert np.mean(ours) == pytest.approx(np.mean(expected), abs=3 * max(np.std(expected), np.std(ours), 0.003))

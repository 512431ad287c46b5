"""Logistic regression: the optimum of scikit-learn, weights, classes that can be separated, many parameters."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics import logistic_regression
from metrics.logistic_regression import log_losses, multinomial, probabilities

linear_model = pytest.importorskip("sklearn.linear_model")


def problem(samples, dimensions=4, classes=5, seed=0):
    rng = stream(seed, "logistic")
    features = rng.normal(size=(samples, dimensions))
    scores = features @ rng.normal(size=(dimensions, classes)) + rng.gumbel(size=(samples, classes))
    return features, np.unique(scores.argmax(axis=1), return_inverse=True)[1]


@pytest.mark.parametrize(("samples", "classes"), [(300, 5), (300, 2), (9000, 4)])
def test_coefficients_equal_those_of_scikit_learn(samples, classes):
    features, labels = problem(samples, classes=classes)
    theirs = linear_model.LogisticRegression(C=0.5, tol=1e-10, max_iter=10_000).fit(features, labels)
    ours = multinomial(features, labels, penalty=2.0, tolerance=1e-12)
    assert np.allclose(probabilities(features, ours), theirs.predict_proba(features), atol=1e-5)
    difference = ours[1:] - ours[:1]
    expected = np.column_stack([theirs.coef_, theirs.intercept_])
    assert np.allclose(difference, expected if classes == 2 else expected[1:] - expected[:1], atol=1e-4)


def test_a_weight_of_two_is_a_sample_twice():
    features, labels = problem(200)
    doubled = multinomial(np.vstack([features, features[:50]]), np.concatenate([labels, labels[:50]]), 1.0, tolerance=1e-12)
    weighted = multinomial(features, labels, 1.0, costs=np.where(np.arange(200) < 50, 2.0, 1.0), tolerance=1e-12)
    assert np.allclose(doubled, weighted, atol=1e-6)


def test_separable_classes_without_penalty_end():
    features = np.arange(40.0)[:, None] / 10
    coefficients = multinomial(features, np.repeat([0, 1, 2, 3], 10), penalty=0.0, tolerance=1e-6)
    assert np.isfinite(coefficients).all()
    assert log_losses(features, np.repeat([0, 1, 2, 3], 10), coefficients).mean() < 1e-3


def test_rare_classes_and_periodic_files_do_not_mislead_the_first_steps():
    rng = stream(1, "rare")
    labels = np.tile(np.arange(10), 600)
    labels[17] = 10
    features = labels[:, None] * 0.1 + rng.normal(size=(6000, 2))
    coefficients = multinomial(features, labels, 1.0, tolerance=1e-10)
    theirs = linear_model.LogisticRegression(tol=1e-10, max_iter=10_000).fit(features, labels)
    assert np.allclose(probabilities(features, coefficients), theirs.predict_proba(features), atol=1e-4)


def test_gradients_alone_reach_the_same_optimum(monkeypatch):
    features, labels = problem(400)
    expected = probabilities(features, multinomial(features, labels, 1.0))
    monkeypatch.setattr(logistic_regression, "MOST_PARAMETERS", 3)
    assert np.allclose(probabilities(features, multinomial(features, labels, 1.0)), expected, atol=2e-3)


def test_unsolvable_by_newton_goes_on_by_gradients(monkeypatch):
    features, labels = problem(400)
    expected = probabilities(features, multinomial(features, labels, 1.0))
    monkeypatch.setattr(logistic_regression, "MOST_STEPS", 1)
    assert np.allclose(probabilities(features, multinomial(features, labels, 1.0)), expected, atol=2e-3)

"""Boosted trees against hand-worked rounds and against scikit-learn's, whose importances the published DCI rests on."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.boosted_trees import fit_boosted_trees, sorted_columns, tree_seeds, trees_of


def fitted(codes, labels, seed=0):
    seeds = tree_seeds(seed, [trees_of(len(np.unique(labels)))])[0]
    return fit_boosted_trees(sorted_columns(np.asarray(codes, dtype=np.float64)), np.asarray(labels), seeds)


def reference(codes, labels, seed=0):
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(random_state=seed).fit(np.asarray(codes, dtype=np.float32), labels)


def curved(samples, classes, dimensions, seed):
    """Codes, and classes that depend on the first and the last dimension with some noise."""
    rng = stream(seed, "trees", samples, classes)
    codes = rng.normal(size=(samples, dimensions)).astype(np.float32)
    shares = 1 / (1 + np.exp(-1.5 * codes[:, 0] - codes[:, -1] * codes[:, 0]))
    noisy = classes * (shares + 0.15 * rng.normal(size=samples))
    return codes, np.clip(np.floor(noisy), 0, classes - 1).astype(int)


def test_two_classes_by_hand():
    codes, labels = np.array([[0.0], [1.0], [2.0], [4.0]]), [5, 5, 9, 9]
    model = fitted(codes, labels)
    # Prior log-odds 0, residuals -1/2 and 1/2, hence leaves of (1/2) / (1/4) = 2, a tenth of which is added.
    np.testing.assert_allclose(model.scores(codes, rounds=1)[:, 0], [-0.2, -0.2, 0.2, 0.2])
    assert model.thresholds[0, 0] == 1.5
    assert model.importances.tolist() == [1.0]
    assert model.predict(np.array([[-9.0], [9.0]])).tolist() == [5, 9]


def test_three_classes_by_hand():
    codes, labels = np.arange(6.0)[:, None], [0, 0, 1, 1, 2, 2]
    # Class 0: residuals 2/3 for its rows, -1/3 for others; leaves of 2/3 * (2/3) / (2/9) = 2 and 2/3 * (-1/3) / (2/9) = -1.
    np.testing.assert_allclose(fitted(codes, labels).scores(codes, rounds=1)[:, 0], [0.2, 0.2, -0.1, -0.1, -0.1, -0.1])


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("samples", [250, 700])
def test_one_dimension_agrees_with_the_reference_everywhere(classes, samples):
    codes, labels = curved(samples, classes, 1, 1)
    ours, theirs = fitted(codes, labels), reference(codes, labels)
    unseen = stream(0, "unseen").normal(size=(300, 1)).astype(np.float32)
    np.testing.assert_allclose(ours.probabilities(unseen), theirs.predict_proba(unseen), atol=1e-6)
    np.testing.assert_array_equal(ours.predict(unseen), theirs.predict(unseen))


@pytest.mark.parametrize(("samples", "classes", "dimensions"), [(400, 2, 3), (500, 3, 4), (600, 5, 3), (2500, 3, 2)])
def test_training_probabilities_agree_with_the_reference(samples, classes, dimensions):
    # Rows that any of several dimensions could cut off are cut off somewhere else for rows unseen, but not for these.
    codes, labels = curved(samples, classes, dimensions, 0)
    ours, theirs = fitted(codes, labels, seed=3), reference(codes, labels, seed=3)
    for rounds, expected in zip((1, 10, 100), [list(theirs.staged_predict_proba(codes))[i] for i in (0, 9, 99)], strict=True):
        np.testing.assert_allclose(ours.probabilities(codes, rounds), expected, atol=1e-6)
    np.testing.assert_allclose(ours.importances, theirs.feature_importances_, atol=2e-3)


def test_copies_of_a_dimension_share_as_in_the_reference():
    # Copies tie at every split; the same seed lets the same copy win. Constant dimensions take part in the draw.
    rng = stream(0, "copies")
    labels = rng.integers(0, 4, 500)
    values = labels + rng.uniform(-0.3, 0.3, 500)
    codes = np.stack([np.full(500, 2.0), values, rng.normal(size=500), values, np.full(500, -1.0)], axis=1).astype(np.float32)
    for seed in (0, 1):
        ours, theirs = fitted(codes, labels, seed), reference(codes, labels, seed)
        assert ours.importances[[0, 4]].tolist() == [0, 0]
        assert ours.importances[[1, 3]].min() > 0.1
        np.testing.assert_allclose(ours.importances, theirs.feature_importances_, atol=0.05)
    np.testing.assert_allclose(fitted(codes[:, 1:2], labels).importances, [1.0])


def test_repeated_values_are_never_split_apart():
    rng = stream(0, "repeated")
    codes = rng.integers(0, 4, size=(400, 2)).astype(np.float64)
    labels = (codes[:, 0] + codes[:, 1] + rng.integers(0, 2, 400)).astype(int) // 2
    ours, theirs = fitted(codes, labels), reference(codes, labels)
    np.testing.assert_allclose(ours.probabilities(codes), theirs.predict_proba(codes), atol=1e-6)
    close = codes + 1e-9 * rng.normal(size=codes.shape)  # equal in float32, or nearer than can be told apart
    np.testing.assert_array_equal(fitted(close, labels).predict(codes), ours.predict(codes))


def test_constant_codes_give_the_prior_and_no_importance():
    model = fitted(np.zeros((30, 3)), np.repeat([0, 1, 1], 10))
    assert model.importances.tolist() == [0, 0, 0]
    np.testing.assert_allclose(model.probabilities(np.ones((1, 3))), [[1 / 3, 2 / 3]])


def test_order_sign_and_scale_do_not_matter():
    codes, labels = curved(900, 3, 3, 2)
    model = fitted(codes, labels)
    turned = fitted(codes[:, ::-1] * [-4.0, 0.5, 2.0], labels)
    np.testing.assert_allclose(turned.importances[::-1], model.importances, atol=0.01)
    order = stream(0, "order").permutation(900)
    np.testing.assert_allclose(fitted(codes[order], labels[order]).probabilities(codes), model.probabilities(codes), atol=1e-6)


def test_equal_seeds_give_equal_bits():
    codes, labels = curved(300, 4, 3, 0)
    first, second = fitted(codes, labels), fitted(codes, labels)
    assert first.scores(codes).tobytes() == second.scores(codes).tobytes()

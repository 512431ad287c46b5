"""Classifiers of factors as libraries fit them: LightGBM, random forest, multilayer perceptron. One thread each, seeded.

The libraries are imported when they are asked for.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Protocol

import numpy as np

from metrics.factor_classifiers import Fit, Fits, Task


class Classifier(Protocol):
    """What scikit-learn calls a classifier."""

    def fit(self, codes: np.ndarray, labels: np.ndarray) -> object: ...

    def predict(self, codes: np.ndarray) -> np.ndarray: ...


def lightgbm(task: Task, seed: int) -> Fits:
    """LightGBM: 100 rounds, depth 3, rate 0.1, histograms of 255 bins; importances by gain. Not the published trees."""
    from lightgbm import LGBMClassifier

    def one() -> Classifier:
        return LGBMClassifier(
            n_estimators=100, learning_rate=0.1, max_depth=3, num_leaves=8, importance_type="gain", n_jobs=1,
            deterministic=True, force_row_wise=True, random_state=seed, verbose=-1,
        )  # fmt: skip

    return _each(task, one)


def forest(task: Task, seed: int) -> Fits:
    """scikit-learn's RandomForestClassifier with its defaults: 100 trees, Gini importances."""
    from sklearn.ensemble import RandomForestClassifier

    return _each(task, lambda: RandomForestClassifier(random_state=seed, n_jobs=1))


def mlp(task: Task, seed: int) -> Fits:
    """scikit-learn's MLPClassifier with two hidden layers of 256 and its defaults (Adam, at most 200 epochs), as Dapueto et al.

    Importances are 0: a network has none.
    """
    from sklearn.neural_network import MLPClassifier

    return _each(task, lambda: MLPClassifier((256, 256), random_state=seed))


def forest_of_depth(depth: int) -> Fit:
    """scikit-learn's RandomForestClassifier of 20 trees of this depth."""
    from sklearn.ensemble import RandomForestClassifier

    return lambda task, seed: _each(task, lambda: RandomForestClassifier(20, max_depth=depth, random_state=seed, n_jobs=1))


def mlp_of_units(units: int) -> Fit:
    """scikit-learn's MLPClassifier with one hidden layer of so many units, at most 100 epochs."""
    from sklearn.neural_network import MLPClassifier

    return lambda task, seed: _each(task, lambda: MLPClassifier((units,), max_iter=100, random_state=seed))


def _each(task: Task, new: Callable[[], Classifier]) -> Fits:
    """A classifier for every factor, one after the other, in one thread: small products gain nothing from more, and lose much."""
    from threadpoolctl import threadpool_limits

    importances, trained, right = [], [], []
    for labels, test_labels in zip(task.labels.T, task.test_labels.T, strict=True):
        model = new()
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")  # that 200 epochs were too few to converge; that columns have no names
            model.fit(task.codes, labels)
            trained.append(float(np.mean(model.predict(task.codes) == labels)))
            right.append(model.predict(task.test_codes) == test_labels)
        found = np.asarray(getattr(model, "feature_importances_", np.zeros(task.codes.shape[1])), dtype=np.float64)
        importances.append(found / (found.sum() or 1.0))
    return Fits(np.stack(importances, axis=1), np.array(trained), np.stack(right, axis=1))

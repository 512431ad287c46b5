"""UDR: hand-worked agreements, the lasso against scikit-learn's, and runs that agree, differ or are dead."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.scores import Scores
from metrics.udr import agreement, lasso, udr
from tests.metrics.codes import drawn, of


def scores_of(found: Scores, metric="udr"):
    return {row.setting["run"]: row.value for row in found.rows if row.metric == metric}


def runs(samples=2000):
    rng = stream(0, "runs")
    factors = drawn((5, 6, 7), samples, rng)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    plain = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    codes = {
        "one": plain + 0.1 * rng.normal(size=plain.shape),
        "two": -2 * plain[:, [2, 0, 1]] + 0.1 * rng.normal(size=plain.shape),
        "three": np.column_stack([plain, 0.001 * rng.normal(size=samples)]),
        "mixed": plain @ rotation,
    }
    return {name: of(values, factors) for name, values in codes.items()}


def test_agreement_by_hand():
    # Columns: 0.8^2 / 1.0 and 0.6^2 / 0.6; rows: 0.8^2 / 0.8 and 0.6^2 / 0.8.
    relations = np.array([[0.8, 0.0], [0.2, 0.6]])
    both = np.array([True, True])
    assert agreement(relations, both, both) == pytest.approx(((0.64 + 0.6) / 2 + (0.8 + 0.45) / 2) / 2)
    with_dead = np.pad(relations, ((0, 1), (0, 1)))
    alive = np.array([True, True, False])
    assert agreement(with_dead, alive, alive) == pytest.approx(agreement(relations, both, both))
    assert agreement(with_dead, ~alive | True, ~alive | True) == pytest.approx(agreement(relations, both, both) * 2 / 3)
    assert agreement(np.zeros((2, 2)), both, both) == 0


def test_lasso_is_that_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = stream(1, "lasso")
    x = rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = x @ rng.normal(size=(5, 3)) + rng.normal(size=(300, 3))
    y = (y - y.mean(axis=0)) / y.std(axis=0)
    expected = linear_model.Lasso(alpha=0.1, tol=1e-12, max_iter=100_000).fit(x, y).coef_.T
    assert np.allclose(lasso(x.T @ x / 300, x.T @ y / 300, 0.1), expected, atol=1e-6)


@pytest.mark.parametrize("relation, perfect", [("lasso", 0.9), ("spearman", 1.0)])
def test_runs_that_agree_rank_above_one_that_mixes(relation, perfect):
    found = udr(runs(), stream(0, "udr"), relation=relation, average="active", interval=20)
    scores = scores_of(found)
    assert scores["mixed"] < 0.75 * min(scores["one"], scores["two"]) and scores["one"] == pytest.approx(perfect, abs=0.1)
    assert scores_of(found, "udr_dead_dimensions") == {"one": 0, "two": 0, "three": 1, "mixed": 0}
    null, low, high = (scores_of(found, f"udr_{kind}") for kind in ("null", "low", "high"))
    assert all(null[name] < 0.12 and low[name] <= scores[name] <= high[name] for name in scores)
    assert found.matrices["udr"].values.shape == (4, 4) and found.matrices["udr"].rows == tuple(scores)


def test_dead_dimensions_may_be_left_out_of_the_mean():
    released, paper = (scores_of(udr(runs(), stream(0, "udr"), average=average)) for average in ("all", "active"))
    # The pair with run "three" has one dead row or column among four, and is the median of three pairs.
    assert paper["three"] == pytest.approx(0.9, abs=0.05) and released["three"] == pytest.approx((1 + 3 / 4) / 2 * paper["three"], abs=0.01)


def test_what_cannot_be_ranked():
    some = runs(200)
    with pytest.raises(UserError, match="two or more"):
        udr({"one": some["one"]}, stream(0, "udr"))
    with pytest.raises(UserError, match="kendall"):
        udr(some, stream(0, "udr"), relation="kendall")
    other = of(some["one"].codes, some["one"].factors[::-1])
    with pytest.raises(UserError, match="other samples"):
        udr({"one": some["one"], "other": other}, stream(0, "udr"))
    constant = of(np.ones((200, 2)), some["one"].factors)
    assert all(score == 0 for score in scores_of(udr({"a": constant, "b": constant}, stream(0, "udr"))).values())

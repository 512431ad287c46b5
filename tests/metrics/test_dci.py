"""DCI: its formulas on importances made by hand, what becomes of odd factors and codes, and the published values."""

from __future__ import annotations

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from foundation.errors import UserError
from foundation.randomness import stream
from metrics import factor_classifiers
from metrics.dci import completeness, dci, disentanglement
from metrics.downstream import downstream
from metrics.representation import Representation
from metrics.representation_files import load_representation
from tests.metrics.codes import drawn, of, reference_folder, reference_scores, value

RNG = np.random.default_rng(0)
SIZES = (3, 4, 2)


def noisy(samples=600, noise=0.1, seed=0):
    """Each factor in a dimension of its own, with noise; one dimension more of noise alone."""
    rng = stream(seed, "noisy", samples)
    factors = drawn(SIZES, samples, rng)
    codes = np.hstack([factors, np.zeros((samples, 1))]) + noise * rng.normal(size=(samples, 4))
    return of(codes, factors)


def test_one_dimension_per_factor_is_perfect():
    assert disentanglement(np.eye(4)) == pytest.approx(1, abs=1e-8)
    assert completeness(np.eye(4)) == pytest.approx(1, abs=1e-8)


def test_equal_importances_tell_nothing():
    assert disentanglement(np.full((5, 3), 0.2)) == pytest.approx(0, abs=1e-9)
    assert completeness(np.full((5, 3), 0.2)) == pytest.approx(0, abs=1e-9)


def test_entropies_by_hand():
    # Dimension 0 serves both factors alike (0), dimension 1 the second only (1); they hold 1 and 1/2 of 3/2.
    importances = np.array([[0.5, 0.5], [0.0, 0.5]])
    assert disentanglement(importances) == pytest.approx(1 / 3, abs=1e-8)
    # Factor 0 (1/2 of 3/2) is served by one dimension (1), factor 1 by two alike (0).
    assert completeness(importances) == pytest.approx(1 / 3, abs=1e-8)
    # Dead dimensions weigh nothing in disentanglement, but two of four dimensions are less than two of two.
    padded = np.vstack([importances, np.zeros((2, 2))])
    assert disentanglement(padded) == pytest.approx(1 / 3, abs=1e-8)
    assert completeness(padded) == pytest.approx((0.5 * 1 + 1 * 0.5) / 1.5, abs=1e-8)


@pytest.mark.parametrize("model", ["gbt", "lightgbm", "forest", "lasso"])
def test_a_perfect_code_scores_one_and_noise_little(model):
    representation = noisy()
    scores = dci(representation, RNG, model=model)
    assert value(scores, "dci_disentanglement", model=model) > 0.75
    assert value(scores, "dci_completeness", model=model) > 0.75
    assert value(scores, "dci_informativeness", model=model) > 0.9
    matrix = scores.matrices["importance" if model == "gbt" else f"importance_{model}"]
    assert matrix.columns == ("f0", "f1", "f2")
    assert matrix.values.argmax(axis=0).tolist() == [0, 1, 2]
    shuffled = of(RNG.permutation(representation.codes), representation.factors)
    assert value(dci(shuffled, RNG, model=model), "dci_disentanglement") < 0.4


def test_rows_and_their_outcomes():
    scores = dci(noisy(), RNG)
    per_factor = [value(scores, "dci_informativeness", f"f{i}") for i in range(3)]
    assert value(scores, "dci_informativeness") == pytest.approx(np.mean(per_factor))
    assert sorted(scores.rows[i].metric for i in scores.outcomes) == ["dci_informativeness"] * 4
    for index, outcomes in scores.outcomes.items():
        assert outcomes.shape == (200,)
        assert outcomes.mean() == pytest.approx(scores.rows[index].value)
    assert scores.rows[0].setting["split"] == "file order"


def test_odd_factors_are_refused_by_name():
    rng = stream(0, "odd")
    factors = np.stack([np.zeros(90), rng.normal(size=90), rng.integers(0, 3, 90), np.repeat([0, 1], [60, 30])], axis=1)
    space = FactorSpace(("still", "float", "fine", "late"), (1, 0, 3, 2), ("ordinal", "continuous", "ordinal", "ordinal"))
    representation = Representation(rng.normal(size=(90, 2)), factors, space)
    scores = dci(representation, RNG)
    reasons = {refusal.factor: refusal.reason for refusal in scores.refusals}
    assert set(reasons) == {"still", "float", "late"}
    assert "shuffle" in reasons["late"]
    assert {refusal.factor for refusal in dci(representation, RNG, shuffle=True).refusals} == {"still", "float"}
    assert {refusal.factor for refusal in dci(representation, RNG, factor_bins=4).refusals} == {"still", "late"}
    assert {refusal.factor for refusal in dci(representation, RNG, model="lasso").refusals} == {"still"}
    circular = Representation(
        representation.codes, factors, FactorSpace(space.names, space.sizes, ("ordinal", "continuous", "circular", "ordinal"))
    )
    assert {refusal.factor for refusal in dci(circular, RNG, model="lasso").refusals} == {"still", "fine"}


def test_a_class_that_only_the_test_part_holds_is_never_right():
    rng = stream(0, "missing")
    factor = np.concatenate([rng.integers(0, 2, 200), rng.integers(0, 3, 100)])
    scores = dci(of(factor[:, None] + 0.1 * rng.normal(size=(300, 1)), factor[:, None]), RNG)
    missing = np.mean(factor[200:] == 2)
    assert value(scores, "dci_informativeness") == pytest.approx(1 - missing, abs=0.03)


def test_one_dimension_one_factor_and_two_rows():
    factors = drawn((3, 2), 300, stream(0, "one"))
    single = dci(of(factors[:, :1] + 0.0, factors), RNG)
    assert value(single, "dci_completeness") == 1
    assert 0 <= value(single, "dci_disentanglement") <= 1
    alone = dci(of(factors + 0.0, factors[:, :1]), RNG)
    assert value(alone, "dci_disentanglement") == 1
    tiny = dci(of(np.eye(2), np.array([[0], [1]])), RNG)
    assert not tiny.rows
    assert "test part" in tiny.refusals[0].reason
    dead = dci(of(np.zeros((90, 3)), drawn((3, 2), 90, stream(0, "dead"))), RNG)
    assert value(dead, "dci_disentanglement") == value(dead, "dci_completeness") == 0


def test_threads_do_not_change_the_numbers(monkeypatch):
    found = []
    for threads in (1, 2):
        monkeypatch.setattr(factor_classifiers, "allotted_threads", lambda threads=threads: threads)
        found.append(dci(noisy(noise=0.6), RNG).matrices["importance"].values.tobytes())
    assert found[0] == found[1]


def test_too_many_values_and_codes_too_large_are_refused():
    rng = stream(0, "many")
    factors = np.stack([np.arange(900), rng.integers(0, 3, 900)], axis=1)
    codes = rng.normal(size=(900, 2))
    scores = dci(of(codes, factors), RNG)
    assert [(refusal.factor, "900 values" in refusal.reason) for refusal in scores.refusals] == [("f0", True)]
    assert "single precision" in dci(of(1e300 * codes, factors), RNG).refusals[0].reason


def test_rows_are_limited_and_told():
    scores = dci(noisy(), RNG, rows=150)
    assert scores.rows[0].setting["rows"] == 150
    assert len(scores.outcomes[0]) == 50


def test_a_lasso_with_an_unused_first_dimension_is_not_broken_off():
    factors = drawn((5, 7), 500, stream(0, "lasso"))
    codes = np.hstack([np.zeros((500, 1)), factors])
    assert value(dci(of(codes, factors), RNG, model="lasso"), "dci_disentanglement") > 0.99


def test_unknown_models_are_named():
    with pytest.raises(UserError, match="gbt, lightgbm, forest, lasso"):
        dci(noisy(), RNG, model="xgb")


def test_downstream_pays_for_no_second_fit(monkeypatch):
    representation = noisy()
    scores = dci(representation, RNG)

    def again(*_):
        raise AssertionError("fitted twice")

    monkeypatch.setattr(factor_classifiers, "fit_boosted_trees", again)
    both = downstream(representation, RNG, dimensions=("all",))
    assert value(both, "downstream", model="gbt", statistic=None, dimensions="all") == value(scores, "dci_informativeness")


SETS = ("a_perfect", "b_rotated", "c_redundant", "d_merged", "e_random", "f_dead3", "example")


@pytest.mark.parametrize("name", SETS)
def test_published_trees(name):
    rows = [row for row in reference_scores("scores.json") if row["set"] == name and row["metric"] == "dci_gbt"]
    expected = next(row["value"] for row in rows if "importance" in row["value"])
    scores = dci(load_representation(reference_folder(name)), RNG)
    for ours, theirs in (
        ("dci_disentanglement", "disentanglement"),
        ("dci_completeness", "completeness"),
        ("dci_informativeness", "informativeness_test"),
        ("dci_informativeness_training", "informativeness_train"),
    ):
        assert value(scores, ours) == pytest.approx(expected[theirs], abs=0.005), ours
    # Two seeds of scikit-learn differ by 0.011 on the example, and by 0.1 where every dimension has a copy.
    allowed = {"c_redundant": 0.05, "example": 0.011}.get(name, 0.005)
    np.testing.assert_allclose(scores.matrices["importance"].values, expected["importance"], atol=allowed)
    accuracies = [value(scores, "dci_informativeness", factor) for factor in scores.matrices["importance"].columns]
    np.testing.assert_allclose(accuracies, expected["acc_test"], atol=0.005)


@pytest.mark.parametrize("name", SETS)
def test_published_lasso(name):
    expected = next(row["value"] for row in reference_scores("scores.json") if row["set"] == name and row["metric"] == "dci_lasso")
    scores = dci(load_representation(reference_folder(name)), RNG, model="lasso")
    for part, number in expected.items():
        # Copies of a dimension leave the solver far from its optimum, and where it stops differs between its versions.
        allowed = 0.003 if name == "c_redundant" else 1e-3
        assert value(scores, f"dci_{part}") == pytest.approx(number, abs=allowed), part

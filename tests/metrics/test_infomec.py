"""InfoMEC: shares by hand, the released definition by scikit-learn, kinds of factors, active dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from foundation.randomness import stream
from metrics.infomec import infomec
from metrics.representation import Representation
from tests.metrics.codes import drawn, grid, of, value
from tests.metrics.measured import changed, codes_of, entangled, every_set

PARTS = ("modularity", "compactness", "explicitness")


def scored(representation, **settings):
    return infomec(representation, stream(0, "infomec"), **settings)


def parts(representation, factor=None, **settings):
    scores = scored(representation, **settings)
    return {row.setting["part"]: row.value for row in scores.rows if row.metric == "infomec" and row.factor == factor}


def test_hand_worked():
    # NMI: dimension 0 knows all of f0; dimension 1 half of f0 (log 2 of log 4) and all of f1.
    factors = grid((4, 4, 2))
    codes = np.column_stack([factors[:, 0], 4 * (factors[:, 0] // 2) + factors[:, 1]])
    found = parts(of(codes, factors[:, :2]), estimator="bins", active_share=0)
    assert found["modularity"] == pytest.approx(((1 + 1 / 1.5) / 2 - 0.5) / 0.5)
    assert found["compactness"] == pytest.approx(((1 / 1.5 + 1) / 2 - 0.5) / 0.5)
    assert parts(of(codes, factors[:, :2]), "f0", estimator="bins")["compactness"] == pytest.approx((1 / 1.5 - 0.5) / 0.5)


def test_perfect_and_independent_codes():
    factors = drawn((3, 4), 3000, stream(1, "factors"))
    perfect = parts(of(factors, factors))
    assert (perfect["modularity"], perfect["compactness"]) == pytest.approx((1, 1), abs=0.05)
    hot = np.hstack([np.eye(3)[factors[:, 0]], np.eye(4)[factors[:, 1]]])
    assert parts(of(hot, factors))["explicitness"] == pytest.approx(1, abs=1e-3)
    assert parts(of(stream(2, "noise").normal(size=(3000, 3)), factors))["explicitness"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("balanced", (False, True))
def test_equals_the_definition_by_scikit_learn(balanced):
    selection, linear, metrics = (pytest.importorskip(f"sklearn.{name}") for name in ("feature_selection", "linear_model", "metrics"))
    plain = entangled()
    plain = changed(plain, factors=plain.factors // [1, 2, 1])  # not uniform
    codes = (plain.codes - plain.codes.mean(axis=0)) / plain.codes.std(axis=0)
    normalised, explicit = [], []
    for column in plain.factors.T:
        of_factor = metrics.mutual_info_score(column, column)
        normalised.append(selection.mutual_info_classif(codes, column, n_neighbors=10, random_state=0) / of_factor)
        model = linear.LogisticRegression(C=1e8, class_weight="balanced" if balanced else None, max_iter=5000, tol=1e-8)
        remaining = metrics.log_loss(column, model.fit(codes, column).predict_proba(codes))
        explicit.append(1 - remaining / (np.log(len(np.unique(column))) if balanced else of_factor))
    found = parts(plain, balanced=balanced)
    table = np.array(normalised)
    modularity = ((table.max(axis=0) / table.sum(axis=0)).mean() - 1 / 3) / (1 - 1 / 3)
    compactness = ((table.max(axis=1) / table.sum(axis=1)).mean() - 1 / 4) / (1 - 1 / 4)
    assert list(found.values()) == pytest.approx([modularity, compactness, np.mean(explicit)], abs=1e-4)


def test_only_active_dimensions_count():
    plain = entangled()
    still = np.column_stack([plain.codes, 0.01 * stream(3, "x").normal(size=600), np.zeros(600)])
    scores = scored(changed(plain, codes=still))
    assert value(scores, "infomec_dimensions") == 4
    expected = parts(plain)
    assert value(scores, "infomec", part="modularity") == pytest.approx(expected["modularity"], abs=1e-6)
    assert not scored(changed(plain, codes=np.ones((600, 2)))).rows


def test_one_dimension_and_one_factor():
    factors = grid((4, 3, 5))[:, :2]
    alone = scored(of(factors[:, :1], factors))
    assert {row.setting.get("part") for row in alone.rows} == {None, "modularity", "explicitness"}
    assert [refusal.reason.split(":")[0] for refusal in alone.refusals] == ["compactness"]
    one = scored(of(factors, factors[:, :1]))
    assert [refusal.reason.split(":")[0] for refusal in one.refusals] == ["modularity"]


def test_a_continuous_factor_has_explicitness_only():
    rng = stream(4, "continuous")
    codes = rng.normal(size=(500, 2))
    level = codes[:, 0] + codes[:, 1] + rng.normal(size=500)
    space = FactorSpace(("level", "class"), (0, 2), ("continuous", "categorical"))
    representation = Representation(codes, np.column_stack([level, rng.integers(0, 2, 500)]), space)
    scores = scored(representation)
    inputs = np.column_stack([codes, np.ones(500)])
    residual = level - inputs @ np.linalg.lstsq(inputs, level, rcond=None)[0]
    assert value(scores, "infomec", "level", part="explicitness") == pytest.approx(1 - residual.var() / level.var())
    assert {"level"} <= {refusal.factor for refusal in scores.refusals}
    cut = scored(representation, factor_bins=5)
    assert value(cut, "infomec", "level", part="compactness") < 0.6, "both dimensions tell of it"


def test_order_sign_and_common_scale_do_not_matter():
    plain = entangled()
    mirrored = changed(plain, codes=-8 * plain.codes[:, [2, 0, 3, 1]])
    assert parts(mirrored) == pytest.approx(parts(plain), abs=1e-4)


@every_set
def test_truth_of_the_synthetic_codes(name, mode):
    if name not in ("a_perfect", "e_random", "d_merged"):
        pytest.skip("its truth is not one of these")
    found = parts(codes_of(name, mode))
    if name == "a_perfect":
        assert min(found["modularity"], found["compactness"]) > 0.9 and found["explicitness"] > 0.5
    elif name == "d_merged":
        assert found["modularity"] < 0.7 < found["compactness"]
    else:
        assert found["explicitness"] == pytest.approx(0, abs=0.02)

"""DCI-ES: the area under curves made by hand, and what codes of known kinds get."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics import factor_classifiers
from metrics.dci import dci
from metrics.dci_es import dci_es, explicitness_of
from tests.metrics.codes import drawn, of, value

RNG = np.random.default_rng(0)
STEPS = np.arange(5.0)


def test_curves_by_hand():
    assert explicitness_of(STEPS, np.zeros(5), 0.8) == 1  # the first probe is perfect
    assert explicitness_of(STEPS, 0.8 * (1 - STEPS / 4), 0.8) == pytest.approx(0)  # a straight line from the constant answer to 0
    assert explicitness_of(STEPS, np.array([0.8, 0.8, 0.8, 0.8, 0.0]), 0.8) == pytest.approx(1 - 2 * 3.5 / 4)  # late
    assert explicitness_of(STEPS, np.array([0.4, 0.2, 0.6, 0.9, 0.2]), 0.8) == pytest.approx(1 - 2 * 0.1 / (4 * 0.8))  # never rises
    assert explicitness_of(STEPS, np.full(5, 0.8), 0.8) == 1  # nothing is learnt, at any capacity


def sets():
    rng = stream(0, "explicit")
    factors = drawn((4, 4), 900, rng)
    noise = 0.1 * rng.normal(size=(900, 2))
    turned = factors @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    return of(factors + noise, factors), of(turned + noise, factors), of(rng.normal(size=(900, 2)), factors)


@pytest.mark.parametrize("probe", ["gbt", "forest"])
def test_aligned_codes_are_more_explicit_than_turned_ones(probe):
    aligned, turned, random = (dci_es(one, RNG, probe=probe) for one in sets())
    assert value(aligned, "dci_es_explicitness") > value(turned, "dci_es_explicitness") + 0.1
    assert value(aligned, "dci_es_informativeness") > 0.95
    assert value(random, "dci_es_informativeness") < 0.1
    assert value(aligned, "dci_es_size") == 1


def test_networks_probe_too():
    scores = dci_es(sets()[0], RNG, probe="mlp", rows=300)
    assert -1 <= value(scores, "dci_es_explicitness") <= 1
    assert scores.rows[0].setting["rows"] == 300


def test_the_fit_of_dci_is_used_again(monkeypatch):
    aligned = sets()[0]
    dci(aligned, RNG)
    monkeypatch.setattr(factor_classifiers, "fit_boosted_trees", None)
    assert dci_es(aligned, RNG).rows


def test_size_is_factors_per_dimension_and_odd_factors_are_refused():
    rng = stream(0, "size")
    factors = np.stack([rng.integers(0, 3, 300), np.zeros(300, dtype=int), np.repeat([0, 1, 0], [100, 50, 150])], axis=1)
    scores = dci_es(of(rng.normal(size=(300, 4)), factors), RNG)
    assert value(scores, "dci_es_size") == 2 / 4
    assert {refusal.factor for refusal in scores.refusals} == {"f1", "f2"}
    with pytest.raises(UserError, match="gbt, forest, mlp"):
        dci_es(of(rng.normal(size=(300, 4)), factors), RNG, probe="tree")

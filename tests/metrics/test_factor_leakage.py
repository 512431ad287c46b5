"""Factor leakage: hand-worked ranks, one dimension, unknown factors, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.factor_leakage import factor_leakage
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import codes_of, entangled, every_set, measured, reordered

NAMES = {"mean": "mean", "norm_mean": "normalised_mean", "auc": "area", "nm_auc": "area_from_second"}


def statistics(representation, factor=None):
    scores = factor_leakage(representation, stream(0, "leakage"))
    return {name: value(scores, "factor_leakage", factor, statistic=name) for name in NAMES.values()}


def test_hand_worked():
    # Factor 0: log 4, log 2, 0, so normalised 1, 1/2, 0.
    factors = grid((4, 3))
    codes = np.column_stack([factors[:, 0] // 2, factors[:, 0], factors[:, 1]])
    assert statistics(of(codes, factors), "f0") == pytest.approx(
        {"mean": np.log(2) / 2, "normalised_mean": 0.25, "area": (0.5 + 0.25 + 0) / 3, "area_from_second": (0.25 + 0) / 2}
    )
    assert statistics(of(codes, factors), "f1")["mean"] == pytest.approx(0, abs=1e-12)
    assert statistics(of(codes, factors))["mean"] == pytest.approx(np.log(2) / 4)


def test_one_dimension_cannot_leak_and_an_unknown_factor_is_refused():
    factors = grid((4, 3))
    scores = factor_leakage(of(factors[:, :1], factors), stream(0, "leakage"))
    assert {refusal.factor for refusal in scores.refusals} == {"f1"}
    assert statistics(of(factors[:, :1], factors)) == {"mean": 0, "normalised_mean": 0, "area": 1, "area_from_second": 0}


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    assert statistics(reordered(plain)) == pytest.approx(statistics(plain), abs=0.01)


@every_set
def test_reference(name, mode):
    ours = statistics(codes_of(name, mode))
    for expected in measured("factor_leakage", "UnsupervisedActionEstimation", name, mode):
        assert {theirs: ours[own] for theirs, own in NAMES.items()} == pytest.approx(expected, rel=1e-6)

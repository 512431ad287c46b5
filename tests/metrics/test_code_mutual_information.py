"""Mutual information between dimensions: hand-worked, against scikit-learn, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.code_mutual_information import code_mutual_information
from metrics.discretisation import equal_width_bins
from tests.metrics.codes import grid, of, value
from tests.metrics.measured import LIBRARY, codes_of, entangled, every_set, measured, reordered


def scored(representation, **settings):
    return code_mutual_information(representation, stream(0, "codes"), **settings)


def test_hand_worked():
    factors = grid((4, 3))
    codes = np.column_stack([factors[:, 0], factors[:, 0] // 2, factors[:, 1]])
    scores = scored(of(codes, factors))
    assert value(scores, "code_mutual_information") == pytest.approx(np.log(2) / 3)
    expected = [[np.log(4), np.log(2), 0], [np.log(2), np.log(2), 0], [0, 0, np.log(3)]]
    assert np.allclose(scores.matrices["code_information"].values, expected)


def test_equals_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    plain = entangled()
    binned = equal_width_bins(plain.codes, 7)
    pairs = [(j, k) for j in range(4) for k in range(4) if j != k]
    expected = np.mean([metrics.mutual_info_score(binned[:, j], binned[:, k]) for j, k in pairs])
    assert value(scored(plain, bins=7), "code_mutual_information") == pytest.approx(expected)


def test_it_needs_no_factors_but_two_dimensions():
    constant = np.zeros((12, 1), dtype=int)
    assert value(scored(of(grid((4, 3)), constant)), "code_mutual_information") == pytest.approx(0, abs=1e-12)
    scores = scored(of(grid((4, 3))[:, :1], constant))
    assert not scores.rows and "one dimension" in scores.refusals[0].reason


def test_order_sign_and_scale_do_not_matter():
    plain = entangled()
    ours = value(scored(reordered(plain)), "code_mutual_information")
    assert ours == pytest.approx(value(scored(plain), "code_mutual_information"), abs=0.01)


@every_set
def test_reference(name, mode):
    for expected in measured("unsupervised", LIBRARY, name, mode):
        ours = value(scored(codes_of(name, mode)), "code_mutual_information")
        assert ours == pytest.approx(expected["mutual_info_score"], rel=1e-6)

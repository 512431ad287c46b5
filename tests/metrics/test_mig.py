"""MIG against hand-worked counts, scikit-learn's mutual information, and the measured reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.discretisation import equal_width_bins
from metrics.mig import gap, mig
from metrics.mutual_information import entropy, mutual_information
from metrics.readable import readable
from metrics.representation_files import load_representation
from tests.metrics.codes import drawn, grid, of, reference_folder, reference_scores, space, value


def scored(representation, **settings):
    return mig(representation, stream(0, "mig"), **settings)


def table(scores, metric="mig"):
    return {row.factor: row.value for row in scores.rows if row.metric == metric}


def test_hand_worked():
    # Factor 0 is dimension 0 and half of dimension 1: I = log 4 and log 2, gap / H = 1/2. Factor 1 is dimension 2 alone: 1.
    factors = grid((4, 3))
    codes = np.column_stack([factors[:, 0], factors[:, 0] // 2, factors[:, 1]])
    scores = scored(of(codes, factors))
    assert table(scores) == pytest.approx({"f0": 0.5, "f1": 1.0, None: 0.75})
    assert np.allclose(scores.matrices["mutual_information"].values, [[np.log(4), 0], [np.log(2), 0], [0, np.log(3)]])
    assert table(scores, "mig_dimension") == {"f0": 0, "f1": 2}
    assert value(scores, "mig_samples") == 12


def test_bins_are_those_of_histogram_and_digitize():
    codes = stream(1, "codes").normal(size=(500, 3)) * [1, 1e-6, 1e6] + [0, 5, -3]
    codes[:, 2] = codes[:, 2].round(-6)  # ties, some of them on edges
    for k in range(3):
        edges = np.histogram(codes[:, k], 20)[1]
        assert (equal_width_bins(codes, 20)[:, k] == np.digitize(codes[:, k], edges[:-1]) - 1).all()
    assert len(np.unique(equal_width_bins(np.full((9, 1), 0.1), 20))) == 1


def test_information_and_entropy_equal_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = stream(2, "counts")
    codes, factors = rng.integers(0, 7, (300, 4)), rng.integers(0, 5, (300, 3))
    expected = [[metrics.mutual_info_score(factor, code) for factor in factors.T] for code in codes.T]
    assert np.allclose(mutual_information(codes, factors), expected)
    assert entropy(np.bincount(factors[:, 0])) == pytest.approx(metrics.mutual_info_score(factors[:, 0], factors[:, 0]))
    assert entropy(np.array([5, 0, 0])) == 0


def test_order_sign_scale_and_shift_of_dimensions_and_order_of_samples_do_not_matter():
    rng = stream(3, "invariance")
    factors = drawn((4, 5, 3), 400, rng)
    codes = factors @ rng.normal(size=(3, 4)) + 0.1 * rng.normal(size=(400, 4))
    plain = table(scored(of(codes, factors)))
    shuffle = rng.permutation(400)
    assert table(scored(of(codes[:, [3, 1, 0, 2]] * [-2, 4, 0.5, 8], factors))) == pytest.approx(plain, abs=0.02)
    assert table(scored(of(codes[shuffle], factors[shuffle]))) == pytest.approx(plain, abs=1e-12)


def test_ceiling_and_null():
    factors = drawn((4, 6, 30), 5000, stream(4, "sample"))
    scores = readable(mig, of(factors + stream(4, "noise").normal(size=factors.shape), factors), stream(0, "mig"))
    ceiling, null = table(scores, "mig_ceiling"), table(scores, "mig_null")
    assert ceiling["f0"] == pytest.approx(1, abs=0.01)
    assert ceiling["f2"] < 0.95, "20 bins cannot hold 30 values"
    assert 0 <= null[None] < 0.01 < table(scores)[None] < ceiling[None]
    perfect = readable(mig, of(factors, factors), stream(0, "mig"))
    assert table(perfect) == pytest.approx(table(perfect, "mig_ceiling"))


def test_constant_and_continuous_factors_are_named_and_left_out():
    factors = np.column_stack([grid((3, 4)), np.full(12, 2), np.linspace(0, 1, 12)])
    representation = of(factors[:, :2], factors[:, :2])
    kinds = space((3, 4, 3, 0), ("categorical", "circular", "ordinal", "continuous"))
    scores = scored(type(representation)(representation.codes, factors, kinds))
    assert {r.factor: r.reason.split(":")[0] for r in scores.refusals} == {"f2": "constant", "f3": "continuous"}
    assert table(scores) == pytest.approx({"f0": 1.0, "f1": 1.0, None: 1.0})
    assert value(scores, "mig_factors_scored") == 2
    nothing = scored(of(np.arange(5.0)[:, None], np.zeros((5, 1), dtype=int)))
    assert not nothing.rows and nothing.refusals


def test_one_dimension_is_as_if_a_dead_one_stood_beside_it():
    factors = grid((4, 3))
    alone, beside = of(factors[:, :1], factors), of(np.column_stack([factors[:, 0], np.zeros(12)]), factors)
    assert table(scored(alone)) == pytest.approx(table(scored(beside)))
    assert table(scored(alone)) == pytest.approx({"f0": 1.0, "f1": 0.0, None: 0.5})
    assert gap(np.array([[0.3], [0.9], [0.5]])) == pytest.approx([0.4])


def test_same_seed_same_bits_and_a_bad_number_of_bins():
    representation = of(grid((4, 3)), grid((4, 3)))
    first, again = (readable(mig, representation, stream(1, "mig"), interval=5).rows for _ in range(2))
    assert first == again
    with pytest.raises(UserError, match="1 bins"):
        scored(representation, bins=1)


@pytest.mark.parametrize("mode", ("mean", "sampled"))
@pytest.mark.parametrize("name", ("example", "a_perfect", "b_rotated", "c_redundant", "d_merged", "e_random", "f_dead3"))
def test_reference(name, mode):
    measured = [
        entry
        for entry in reference_scores("scores.json")
        if (entry["set"], entry["mode"]) == (name, mode) and entry["impl"] in ("disentanglement_lib", "transfer_disentanglement")
    ]
    scores = scored(load_representation(reference_folder(name), mode))
    compared = set()
    for entry in measured:
        if entry["metric"] == "mig":
            assert value(scores, "mig") == pytest.approx(entry["value"], rel=1e-6, abs=1e-12)
        elif entry["metric"] == "mig_factors":
            assert {f: v for f, v in table(scores).items() if f} == pytest.approx(entry["value"], rel=1e-6, abs=1e-12)
        else:
            continue
        compared.add(entry["metric"])
    if not compared:
        pytest.skip(f"{name}/{mode} was not measured")
    assert "mig" in compared

"""What is said of codes with a known fault: small codes of each kind, and sentences that name the right dimensions and factors."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.available import metrics_named
from results.disagreements import disagreements
from results.explanation import explain, information_shares
from tests.metrics.codes import drawn, of

SIZES = (3, 6, 10, 8)


@pytest.fixture(scope="module")
def factors():
    return drawn(SIZES, 4000, stream(0, "factors"))


def noise(samples, dimensions):
    return stream(1, "noise").normal(size=(samples, dimensions))


def said(codes, factors, mode="mean", other=None, metrics="mig,omes"):
    representation = of(codes, factors, SIZES)
    found = {name: metric.score(representation, stream(0, "score", name)) for name, metric in metrics_named(metrics).items()}
    return explain(representation, found, other)


def standardised(factors):
    return (factors - factors.mean(axis=0)) / factors.std(axis=0)


def test_a_perfect_code_has_nothing_wrong(factors):
    lines = said(standardised(factors) + 0.01 * noise(4000, 4), factors)
    assert len(lines) == 1 and "nothing is wrong" in lines[0]


def test_dead_dimensions_are_numbered(factors):
    dead = 0.01 * noise(4000, 2)
    codes = np.column_stack([standardised(factors)[:, :2], dead[:, 0], standardised(factors)[:, 2:], dead[:, 1]])
    lines = said(codes, factors)
    assert lines[0].startswith("Dimensions 2 and 5 are dead") and "nothing is wrong" in lines[1] and len(lines) == 2


def test_copies_and_parts_of_a_factor_are_split(factors):
    plain = standardised(factors)
    copies = said(np.column_stack([plain, plain[:, 1]]), factors)
    assert "f1 (dimensions 1 and 4) is split" in copies[0] and "copy each other" in copies[0]
    parts = said(np.column_stack([factors[:, 2] // 4, factors[:, 2] % 4, plain[:, [0, 1, 3]]]), factors)
    assert parts[0].startswith("f2 is split over dimensions 0 and 1") and not any("merges" in line for line in parts)


def test_a_dimension_of_two_factors_merges_them(factors):
    codes = np.column_stack([factors[:, 0] + 3 * factors[:, 1], factors[:, 2], factors[:, 3]])
    lines = said(codes, factors)
    assert any(line.startswith("Dimension 0 merges f0") and "f1" in line for line in lines)
    assert not any("split" in line for line in lines)


def test_a_rotated_code_is_mixed(factors):
    rotation = np.linalg.qr(stream(2, "rotation").normal(size=(4, 4)))[0]
    lines = said(standardised(factors) @ rotation, factors, metrics="mig,beta_vae")
    assert "mixed" in lines[0] and any("beta_vae" in line and "stands above mig" in line for line in lines)


def test_noise_encodes_nothing_and_a_missing_factor_is_named(factors):
    assert said(noise(4000, 4), factors)[0].startswith("No factor is encoded")
    missing = said(np.column_stack([standardised(factors)[:, [0, 1, 3]], noise(4000, 1)]), factors)
    assert missing[0].startswith("f2 is not encoded") and sum("not encoded" in line for line in missing) == 1


def test_constant_factors_are_not_judged(factors):
    still = np.column_stack([factors[:, :2], np.zeros(4000, dtype=int), factors[:, 3]])
    lines = said(standardised(factors)[:, [0, 1, 3]], still)
    assert lines[0].startswith("f2 is not judged") and "nothing is wrong" in lines[1]


def test_conventions_that_move_a_score_are_named(factors):
    plain = standardised(factors)
    uneven = np.column_stack([np.exp(2 * plain[:, k]) for k in range(4)])
    assert any("MIG depends on its bins" in line for line in said(uneven, factors))
    order = np.argsort(factors[:, 1], kind="stable")
    assert any("f1 has other values in the last third" in line for line in said(plain[order], factors[order]))
    other = of(plain + 1.5 * noise(4000, 4), factors, SIZES, mode="sampled")
    assert any("on mean codes" in line and "on sampled codes" in line for line in said(plain, factors, other=other))
    busy = np.column_stack([plain, plain @ stream(3, "busy").normal(size=(4, 4))])
    assert any("depends on its pooling" in line for line in said(busy, factors))


def test_shares_are_free_of_chance(factors):
    few = factors[:200]
    assert information_shares(stream(4, "codes").normal(size=(200, 3)), few).max() < 0.12
    assert np.allclose(np.diag(information_shares(few * 1.0, few)), 1, atol=0.2)


def test_no_scores_no_contrasts(factors):
    assert disagreements(of(standardised(factors), factors, SIZES), {}, None) == []

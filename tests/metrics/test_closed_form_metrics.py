"""What holds for every closed-form metric: any codes and factors get finite rows, or a reason; the same bits for the same seed."""

from __future__ import annotations

import warnings
from importlib import import_module

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from foundation.randomness import stream
from metrics.discretisation import equal_width_bins
from metrics.mutual_information import ranks
from metrics.representation import Representation
from tests.metrics.codes import drawn, grid, of
from tests.metrics.measured import entangled

WITH_COUNTS = ("mig_sup", "dcimig", "jemmig", "modularity", "factor_leakage", "sap_discrete", "explicitness", "infomec")
WITHOUT_FACTORS = ("code_mutual_information", "total_correlation", "wasserstein_correlation")
NAMES = (*WITH_COUNTS, "sap_continuous", "irs", "ksg", *WITHOUT_FACTORS)
every_metric = pytest.mark.parametrize("name", NAMES)


def scored(name, representation, **settings):
    return getattr(import_module(f"metrics.{name}"), name)(representation, stream(0, name), **settings)


def checked(name, representation, **settings):
    """Finite rows with mode and sample, no warning, and a reason wherever there is no overall row."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = scored(name, representation, **settings)
    assert all(np.isfinite(row.value) for row in scores.rows), scores.rows
    assert all(row.setting["mode"] == representation.mode and row.setting["sample"] == representation.sample for row in scores.rows)
    assert scores.rows or scores.refusals
    assert all(refusal.reason for refusal in scores.refusals)
    assert len({(row.metric, tuple(row.setting.items()), row.factor) for row in scores.rows}) == len(scores.rows)
    for matrix in scores.matrices.values():
        assert matrix.values.shape == (len(matrix.rows), len(matrix.columns)) and np.isfinite(matrix.values).all()
    return scores


def random_representation(seed):
    """Codes and factors of any sizes, kinds, ties, scales and gaps."""
    rng = stream(seed, "property")
    samples, dimensions, count = (int(rng.integers(low, high)) for low, high in ((2, 60), (1, 5), (1, 5)))
    kinds, columns = [], []
    for _ in range(count):
        kind = str(rng.choice(["categorical", "ordinal", "circular", "continuous"]))
        column = rng.normal(size=samples) if kind == "continuous" else rng.integers(0, rng.integers(1, 6), samples) * rng.integers(1, 3)
        kinds.append(kind)
        columns.append(column)
    factors = np.column_stack(columns)
    sizes = tuple(0 if kind == "continuous" else int(column.max()) + 1 for kind, column in zip(kinds, columns, strict=True))
    codes = rng.normal(size=(samples, dimensions)) + factors @ rng.normal(size=(count, dimensions)) * rng.integers(0, 2)
    scales = 10.0 ** rng.choice([-300, -12, 0, 0, 0, 5, 150, 307], dimensions)
    codes = codes / np.abs(codes).max() * scales
    codes[:, rng.random(dimensions) < 0.2] = rng.choice([0.0, 1.0, -3e7])
    if rng.random() < 0.3:
        codes = codes.round(1)
    if rng.random() < 0.2:
        codes = np.column_stack([codes, codes[:, 0]])
    names = tuple(f"f{i}" for i in range(count))
    return Representation(codes, factors, FactorSpace(names, sizes, tuple(kinds)), str(rng.choice(["mean", "sampled"])))


@every_metric
def test_any_input_gets_finite_rows_or_a_reason(name):
    for seed in range(40):
        checked(name, random_representation(seed))


@every_metric
def test_constant_factors_are_named_and_change_nothing(name):
    plain = entangled(200)
    space = FactorSpace((*plain.factor_space.names, "still"), (4, 5, 3, 9), ("ordinal",) * 4)
    beside = checked(name, Representation(plain.codes, np.column_stack([plain.factors, np.full(200, 7)]), space))
    assert list(beside.rows) == list(scored(name, plain).rows)
    assert ("still" in {refusal.factor for refusal in beside.refusals}) == (name not in WITHOUT_FACTORS)


@every_metric
def test_holes_in_the_values_and_in_the_grid_are_no_matter(name):
    plain = entangled(300)
    kept = plain.factors[:, 0] != plain.factors[:, 1]
    spaced = np.array([0, 3, 4, 9, 40])[plain.factors[kept]]
    with_holes = checked(name, of(plain.codes[kept], spaced))
    without = checked(name, of(plain.codes[kept], plain.factors[kept]))
    assert len(with_holes.rows) == len(without.rows)
    if name in WITH_COUNTS or name == "ksg":
        assert [row.value for row in with_holes.rows] == pytest.approx([row.value for row in without.rows])


@every_metric
def test_fewer_dimensions_more_dimensions_one_and_dead_ones(name):
    plain = entangled(200)
    for codes in (plain.codes[:, :1], plain.codes[:, :2], np.hstack([plain.codes, -(plain.codes**3)]), np.zeros((200, 3))):
        checked(name, of(codes, plain.factors))
    dead = checked(name, of(np.column_stack([plain.codes, np.full(200, 0.1)]), plain.factors))
    assert dead.rows


@every_metric
def test_two_and_three_samples(name):
    for samples in (2, 3):
        checked(name, of(np.arange(2.0 * samples).reshape(samples, 2), drawn((2, 3), samples, stream(1, "few"))))


@pytest.mark.parametrize("name", WITH_COUNTS)
def test_a_continuous_factor_is_refused_by_name_or_binned(name):
    plain = entangled(400)
    level = plain.factors[:, 0] + 0.5 * stream(2, "level").random(400)
    space = FactorSpace(("level", "f1", "f2"), (0, 5, 3), ("continuous", "ordinal", "ordinal"))
    representation = Representation(plain.codes, np.column_stack([level, plain.factors[:, 1:]]), space)
    assert "level" in {refusal.factor for refusal in checked(name, representation).refusals}
    binned = checked(name, representation, factor_bins=8)
    assert not binned.refusals
    assert {row.setting["factor_bins"] for row in binned.rows} == {8}


@every_metric
def test_values_that_are_not_numbers_are_named(name):
    space = FactorSpace(("level", "f1", "f2"), (0, 4, 3), ("continuous", "ordinal", "ordinal"))
    factors = np.column_stack([np.linspace(0, 1, 60), drawn((4, 3), 60, stream(3, "x"))])
    factors[5, 0] = np.nan
    scores = checked(name, Representation(stream(4, "x").normal(size=(60, 3)), factors, space))
    assert {refusal.factor for refusal in scores.refusals} == (set() if name in WITHOUT_FACTORS else {"level"})


@every_metric
def test_same_seed_same_bits(name):
    plain = entangled(300)
    assert list(scored(name, plain).rows) == list(scored(name, plain).rows)


def test_bins_of_extreme_codes_are_those_of_digitize():
    rng = stream(5, "bins")
    for values in (rng.normal(size=300), rng.integers(0, 21, 300) / 20, 1 + 1e-15 * rng.integers(0, 3, 300), 1e300 * rng.normal(size=300)):
        left_edges = np.linspace(values.min(), values.max(), 21)[:-1]
        assert (equal_width_bins(values[:, None], 20)[:, 0] == np.digitize(values, left_edges) - 1).all()
    assert set(equal_width_bins(np.array([[-1.5e308], [1.5e308]]), 20)[:, 0]) == {0, 19}


def test_ranks_of_integers_are_those_of_sorting():
    for column in (np.array([5, -3, 5, 9]), np.array([10**12, 0, 10**12]), np.array([2.5, 0.5, 2.5]), grid((4,))[:, 0]):
        assert (ranks(column) == np.unique(column, return_inverse=True)[1]).all()

"""BetaVAE, FactorVAE and their three relatives: perfect, merged and random codes, a plain reading of each protocol, the reference."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.beta_vae import beta_vae
from metrics.factor_vae import factor_vae
from metrics.readable import readable
from metrics.representation import Representation
from metrics.representation_files import load_representation
from metrics.value_groups import value_groups
from metrics.z_diff import z_diff
from metrics.z_max_var import z_max_var
from metrics.z_min_var import z_min_var
from tests.metrics.codes import drawn, grid, of, reference_folder, reference_scores, space, value

METRICS = (beta_vae, factor_vae, z_diff, z_min_var, z_max_var)
RESCALED = (z_diff, z_min_var, z_max_var)
FEW = {"training_points": 600, "test_points": 400}


def chance(metric, factors):
    return 0.0 if metric in RESCALED else 1 / factors


@pytest.mark.parametrize("metric", METRICS)
def test_a_perfect_code_scores_1_and_noise_scores_chance(metric):
    rng = stream(0, "codes")
    factors = drawn((4, 5, 6), 3000, rng)
    perfect = readable(lambda r, g: metric(r, g, **FEW), of(factors, factors), stream(0, "m"))
    name = metric.__name__
    assert value(perfect, name) == value(perfect, f"{name}_ceiling") == 1
    assert all(value(perfect, name, factor) == 1 for factor in ("f0", "f1", "f2"))
    assert value(perfect, f"{name}_null") == pytest.approx(chance(metric, 3), abs=0.07)
    assert value(metric(of(rng.normal(size=(3000, 4)), factors), stream(0, "m"), **FEW), name) == pytest.approx(chance(metric, 3), abs=0.11)


@pytest.mark.parametrize("metric", METRICS)
def test_order_sign_scale_and_shift_of_dimensions_do_not_matter(metric):
    rng = stream(1, "codes")
    factors = drawn((4, 5, 6), 2000, rng)
    codes = factors @ rng.normal(size=(3, 3)) + 0.5 * rng.normal(size=(2000, 3))
    plain = value(metric(of(codes, factors), stream(0, "m"), **FEW), metric.__name__)
    # The classifier's penalty weighs dimensions by their scale.
    scales = np.array([-1, 1, 1]) if metric in (beta_vae, z_diff) else np.array([-2, 4, 0.5])
    moved = value(metric(of(codes[:, [2, 0, 1]] * scales + [7, 0, -3], factors), stream(0, "m"), **FEW), metric.__name__)
    assert moved == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("metric", (factor_vae, z_min_var, z_max_var))
def test_a_vote_goes_to_one_factor_of_a_merged_dimension(metric):
    # Dimension 0 holds factors 0 and 1 as one number, dimension 1 holds factor 2: votes of the first are right for one factor of the two.
    factors = drawn((3, 3, 6), 4000, stream(2, "factors"))
    codes = np.column_stack([factors[:, 0] + 3 * factors[:, 1], factors[:, 2]])
    scores = metric(of(codes, factors), stream(0, "m"), **FEW)
    share = 2 / 3 if metric is factor_vae else 0.5
    assert value(scores, metric.__name__) == pytest.approx(share, abs=0.08)
    assert sorted(value(scores, metric.__name__, f) for f in ("f0", "f1"))[1] == 1
    assert value(scores, metric.__name__, "f2") == pytest.approx(1, abs=0.02)


def test_a_linear_classifier_undoes_what_a_vote_cannot():
    # Three factors on two dimensions: a vote can name two of them at most, a classifier of both differences all three.
    factors = drawn((6, 6, 6), 4000, stream(3, "factors"))
    representation = of(factors @ np.array([[1, 0], [0, 1], [1, 1]]), factors)
    assert value(beta_vae(representation, stream(0, "m"), **FEW), "beta_vae") > 0.9
    assert value(factor_vae(representation, stream(0, "m"), **FEW), "factor_vae") < 0.7


def plain_factor_vae(representation, seed):
    """The protocol point by point: one row fixes the value, 64 rows of that value, the dimension of least relative variance votes."""
    rng = np.random.default_rng(seed)
    codes, factors = representation.codes, representation.factors
    scale = codes[rng.integers(0, len(codes), 10_000)].var(axis=0, ddof=1)
    active = np.sqrt(scale) >= 0.05
    cut = -(-2 * len(codes) // 3)
    tables = []
    for rows, points in ((np.arange(cut), 1500), (np.arange(cut, len(codes)), 1500)):
        table = np.zeros((int(active.sum()), factors.shape[1]), dtype=int)
        for _ in range(points):
            factor = rng.integers(factors.shape[1])
            fixed = factors[rng.choice(rows), factor]
            batch = rng.choice(rows[factors[rows, factor] == fixed], 64)
            table[(codes[batch].var(axis=0, ddof=1)[active] / scale[active]).argmin(), factor] += 1
        tables.append(table)
    return tables[1][np.arange(len(table)), tables[0].argmax(axis=1)].sum() / tables[1].sum()


def test_factor_vae_follows_the_plain_protocol():
    rng = stream(4, "codes")
    factors = drawn((3, 5, 7), 1500, rng)
    codes = np.column_stack([factors @ rng.normal(size=(3, 3)) + 0.3 * rng.normal(size=(1500, 3)), 0.01 * rng.normal(size=1500)])
    representation = of(codes, factors)
    plain = [plain_factor_vae(representation, seed) for seed in range(2)]
    ours = [value(factor_vae(representation, stream(seed, "m")), "factor_vae") for seed in range(4)]
    assert np.mean(ours) == pytest.approx(np.mean(plain), abs=0.02)


def test_draws_from_groups():
    values = np.array([5, 1, 5, 1, 5, 9])
    groups = value_groups(values)
    assert groups.sizes.tolist() == [2, 3, 1]
    rng = stream(5, "draws")
    wanted = rng.integers(0, 3, (400, 3))
    rows = groups.draw(wanted, rng)
    assert (groups.group_of[rows] == wanted).all() and set(rows[wanted == 1]) == {0, 2, 4}
    first, second = groups.draw_distinct(wanted % 2, rng)
    assert (first != second).all() and (values[first] == values[second]).all()
    pairs = [(a, b) for a, b in zip(first[wanted % 2 == 1], second[wanted % 2 == 1], strict=True)]
    assert len(set(pairs)) == 6
    dealt = groups.shuffles(1, 8, rng)
    assert set(dealt[:3]) == set(dealt[3:6]) == {0, 2, 4} and len(dealt) == 8


@pytest.mark.parametrize("metric", METRICS)
def test_factors_that_cannot_be_fixed_are_named(metric):
    name = metric.__name__
    base = grid((3, 4, 2, 5))
    factors = np.column_stack([base[:, :2], np.full(120, 2)])
    scores = metric(of(base[:, :2], factors), stream(0, "m"), **FEW)
    assert [(r.factor, r.reason.split(":")[0]) for r in scores.refusals] == [("f2", "constant")]
    assert value(scores, f"{name}_factors_scored") == 2
    alone = metric(of(base[:, :1], base[:, :1]), stream(0, "m"), **FEW)
    assert not alone.rows and "nothing to tell apart" in alone.refusals[0].reason
    continuous = Representation(base * 1.0, base * 1.0, space((3, 4, 2, 0), ("ordinal", "circular", "categorical", "continuous")))
    refused = {r.factor for r in metric(continuous, stream(0, "m"), **FEW).refusals}
    assert refused == (set() if metric is z_max_var else {"f3"})
    dead = metric(of(0.001 * base, base), stream(0, "m"), **FEW)
    assert ("dead" in dead.refusals[0].reason) if metric in (factor_vae, z_min_var, z_max_var) else dead.rows


@pytest.mark.parametrize("metric", METRICS)
def test_settings_seeds_and_tiny_samples(metric):
    representation = of(grid((3, 4)) + 0.1 * stream(6, "noise").normal(size=(12, 2)), grid((3, 4)))
    first, again, other = (metric(representation, stream(seed, "m"), **FEW) for seed in (1, 1, 2))
    assert first.rows == again.rows
    assert first.rows[0].setting["test_points"] == 400 and other.rows
    with pytest.raises(UserError, match="training_points must be 1 or more"):
        metric(representation, stream(0, "m"), training_points=0)
    two = metric(of(np.arange(4.0).reshape(2, 2), np.array([[0, 1], [1, 0]])), stream(0, "m"), **FEW)
    assert not two.rows and two.refusals


@pytest.mark.parametrize("seed", range(15))
def test_random_input_gives_finite_scores_or_reasons(seed):
    rng = stream(seed, "random input")
    sizes = rng.integers(1, 6, rng.integers(1, 5))
    factors = drawn(sizes, int(rng.integers(2, 60)), rng)
    codes = rng.normal(size=(len(factors), rng.integers(1, 5))) * rng.choice([0.0, 0.01, 1.0, 1e6])
    for metric in METRICS:
        scores = metric(of(codes, factors, list(sizes)), rng, training_points=60, test_points=40)
        assert all(np.isfinite(row.value) for row in scores.rows) and (scores.rows or scores.refusals)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ("example", "a_perfect", "b_rotated", "c_redundant", "d_merged", "e_random", "f_dead3"))
def test_reference(metric, name):
    measured = [e["value"] for e in reference_scores("scores.json") if e["set"] == name and e["metric"] == metric.__name__]
    representation = load_representation(reference_folder(name))
    ours = [value(metric(representation, stream(seed, "m")), metric.__name__) for seed in range(4)]
    # Three standard deviations of a difference of means, each spread estimated from both where there are few.
    spread = np.sqrt(np.var(ours, ddof=1) / 4 + np.var(ours, ddof=1) / len(measured))
    assert abs(np.mean(ours) - np.mean(measured)) <= 3 * spread + 0.003

"""OMES against hand-worked grids, all pairs written out, the published procedure, closed forms, and the measured reference."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from functools import partial

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.omes import omes
from metrics.omes_unbiased import omes_unbiased
from metrics.readable import readable
from metrics.representation_files import load_representation
from tests.metrics.codes import SHAPES3D, drawn, grid, of, reference_folder, reference_scores, space, value

QUICK = {"jackknife_blocks": 0}
SETS = ("example", "a_perfect", "b_rotated", "c_redundant", "d_merged", "e_random", "f_dead3")


def scored(representation, **settings):
    return omes(representation, stream(0, "omes"), **{**QUICK, **settings})


def association(representation, **settings):
    return scored(representation, **settings).matrices["association"].values


def table(scores, metric="omes"):
    return {(row.setting["pooling"], row.setting["alpha"], row.factor): row.value for row in scores.rows if row.metric == metric}


def groups_by_dictionary(factors):
    """For each factor the groups of samples that agree in the others, the first of equal samples only: {others: {value: row}}."""
    groups = [defaultdict(dict) for _ in range(factors.shape[1])]
    for row, values in enumerate(map(tuple, factors)):
        for i, by_others in enumerate(groups):
            by_others[values[:i] + values[i + 1 :]].setdefault(values[i], row)
    return groups


def all_pairs_association(codes, factors):
    """S from every ordered pair, written out, with the weight that the published procedure gives its group."""
    columns = []
    for by_others in groups_by_dictionary(factors):
        pairs, weights = [], []
        for members in map(list, map(dict.values, by_others.values())):
            ordered = [(a, b) for a in members for b in members if a != b]
            pairs += ordered
            weights += [len(members) * (len(members) // 2) / max(len(ordered), 1)] * len(ordered)
        left, right = codes[[a for a, _ in pairs]], codes[[b for _, b in pairs]]
        columns.append([1 - abs(np.cov(left[:, k], right[:, k], aweights=weights, ddof=0)[0, 1]) /
                        np.sqrt(np.cov(left[:, k], aweights=weights, ddof=0) * np.cov(right[:, k], aweights=weights, ddof=0))
                        for k in range(codes.shape[1])])  # fmt: skip
    return np.array(columns).T


def published_association(codes, factors, seed):
    """S by the published procedure: each group visited once from each of its members, shuffled, even places paired with odd."""
    shuffler = random.Random(seed)
    columns = []
    for by_others in groups_by_dictionary(factors):
        left, right = [], []
        for members in map(list, map(dict.values, by_others.values())):
            for _ in members:
                shuffler.shuffle(members)
                left += members[0 : len(members) // 2 * 2 : 2]
                right += members[1::2]
        correlation = np.corrcoef(codes[left], codes[right], rowvar=False)
        dimensions = codes.shape[1]
        columns.append(1 - np.abs(correlation[np.arange(dimensions), dimensions + np.arange(dimensions)]))
    return np.array(columns).T.round(4)


def test_hand_worked_grid():
    # Two factors of three values, each the only content of a dimension: partners correlate by -1/2 there and by 1 elsewhere, so
    # S = [[.5, 0], [0, .5]], every overlap and multiple-encoding score is 1 - (.5 + 0) / 2 = .75, every product .375.
    factors = grid((3, 3))
    scores = scored(of(factors, factors))
    assert np.allclose(scores.matrices["association"].values, [[0.5, 0], [0, 0.5]])
    assert set(table(scores)) == {(p, round(a / 10, 1), f) for p in ("max", "avg") for a in range(11) for f in (None, "f0", "f1")}
    assert np.allclose(list(table(scores).values()), 0.375)


def test_hand_worked_merge_and_split():
    # Dimension 0 holds factor 0, dimension 1 a copy of it; factor 1 is nowhere: S = [[.5, 0], [.5, 0]].
    factors = grid((3, 4))
    scores = scored(of(factors[:, [0, 0]], factors))
    # o = 1 - (.5 + 0) / 2 = .75 and m = 1 - (.5 + .5) / 2 = .5 for factor 0; factor 1 changes nothing and gets 0.
    for pooling in ("max", "avg"):
        assert value(scores, "omes", "f0", pooling=pooling, alpha=1.0) == pytest.approx(0.375)
        assert value(scores, "omes", "f0", pooling=pooling, alpha=0.0) == pytest.approx(0.25)
        assert value(scores, "omes", "f0", pooling=pooling, alpha=0.2) == pytest.approx(0.275)
        assert value(scores, "omes", "f1", pooling=pooling, alpha=0.5) == pytest.approx(0)
        assert value(scores, "omes", pooling=pooling, alpha=1.0) == pytest.approx(0.1875)


@pytest.mark.parametrize("sizes, samples", [((3, 4, 5), 40), ((2, 7), 60), ((4, 3, 2, 5), 300)])
def test_exact_association_equals_all_pairs_written_out(sizes, samples):
    rng = stream(1, "sparse", samples)
    factors = drawn(sizes, samples, rng)
    codes = factors @ rng.normal(size=(len(sizes), 4)) + rng.normal(size=(samples, 4)) + 100
    assert np.allclose(association(of(codes, factors, sizes)), all_pairs_association(codes, factors), atol=1e-9)


def test_sampled_estimator_is_the_published_procedure():
    rng = stream(2, "published")
    factors = drawn((4, 5, 6), 90, rng)
    codes = factors @ rng.normal(size=(3, 3)) + rng.normal(size=(90, 3))
    representation = of(codes, factors)
    ours = np.array([
        omes(representation, stream(seed, "draw"), estimator="sampled", **QUICK).matrices["association"].values for seed in range(200)
    ])  # fmt: skip
    published = np.array([published_association(codes, factors, seed) for seed in range(200)])
    standard_error = np.sqrt((ours.var(axis=0) + published.var(axis=0)) / 200) + 1e-5
    assert (np.abs(ours.mean(axis=0) - published.mean(axis=0)) < 4 * standard_error).all()
    assert np.allclose(ours.std(axis=0), published.std(axis=0), rtol=0.3, atol=1e-4)
    # Its mean over draws is close to the exact one; not equal, since a correlation is not linear in its pairs.
    assert np.allclose(published.mean(axis=0), association(representation), atol=0.03)
    assert (ours == ours.round(4)).all()


def test_sampled_estimator_agrees_with_exact_beyond_the_largest_sample():
    factors = grid((30, 30, 20))
    codes = factors + stream(3, "noise").normal(size=factors.shape)
    representation = of(codes, factors)
    assert value(scored(representation), "omes_pairs", "f0") == 400 * 30 * 15 * 1.5 > 100_000
    assert np.allclose(association(representation, estimator="sampled"), association(representation), atol=0.015)


def test_number_of_pairs():
    # Three samples differ in factor 0 alone, visited three times with one pair each; two groups of two in factor 1.
    factors = np.array([[0, 0], [1, 0], [2, 0], [0, 1], [2, 1], [2, 1]])
    scores = scored(of(factors + 0.0, factors))
    assert value(scores, "omes_pairs", "f0") == 3 * 1 + 2 * 1
    assert value(scores, "omes_pairs", "f1") == 2 * 1 + 2 * 1


def test_only_the_first_of_equal_samples_takes_part():
    rng = stream(4, "duplicates")
    factors = drawn((4, 4, 4), 50, rng)
    codes = rng.normal(size=(50, 3))
    again = rng.integers(0, 50, 30)
    both = of(np.concatenate([codes, rng.normal(size=(30, 3))]), np.concatenate([factors, factors[again]]), (4, 4, 4))
    assert np.allclose(association(both), association(of(codes, factors, (4, 4, 4))), atol=1e-9)


def test_order_sign_scale_and_shift_of_dimensions_and_order_of_samples_do_not_matter():
    rng = stream(5, "invariance")
    factors = grid((4, 5, 3))
    codes = factors @ rng.normal(size=(3, 4)) + 0.3 * rng.normal(size=(60, 4))
    plain = table(scored(of(codes, factors)))
    moved = codes[:, [2, 0, 3, 1]] * [-1, 50, 2, -0.7] + [1e3, 0, -5, 2]
    shuffle = rng.permutation(60)
    for codes_again, factors_again in ((moved, factors), (codes[shuffle], factors[shuffle])):
        again = table(scored(of(codes_again, factors_again)))
        assert again == pytest.approx(plain, abs=1e-9)
    assert table(scored(of(codes, 3 - factors % 3))) != pytest.approx(plain, abs=1e-3)


def test_values_of_a_factor_may_be_named_anyhow():
    factors = grid((3, 4))
    codes = factors @ stream(6, "names").normal(size=(2, 3))
    renamed = factors * [7, -1_000_000] + [0, 2**40]
    assert table(scored(of(codes, renamed, (100, 100)))) == pytest.approx(table(scored(of(codes, factors))))


def test_groups_of_many_factors_whose_grid_exceeds_63_bits():
    rng = stream(7, "many factors")
    base = rng.integers(0, 5, (40, 60))
    factors = np.concatenate([base, base])
    factors[np.arange(40, 80), np.arange(40) % 60] += 1  # each sample's partner differs in one factor
    codes = rng.normal(size=(80, 3))
    scores = scored(of(codes, factors))
    assert [value(scores, "omes_pairs", f"f{i}") for i in range(40)] == [2] * 40
    assert len([refusal for refusal in scores.refusals if "no two samples" in refusal.reason]) == 20


@pytest.mark.parametrize("sizes, ceiling", [((3, 6, 10, 8, 8), 0.7505), (SHAPES3D, 0.8335)])
def test_ceiling_on_a_full_grid_is_the_closed_form(sizes, ceiling):
    factors = grid(sizes)
    codes = stream(8, "noise").normal(size=(len(factors), 2))
    some = partial(omes, alphas=(1.0, 0.5, 0.0), jackknife_blocks=0)
    scores = readable(some, of(codes, factors), stream(0, "omes"), shuffles=0)
    best = np.array([1 - 1 / (size - 1) for size in sizes])
    formula = (best * (1 - (1 - best) / len(sizes))).mean()
    assert round(formula, 4) == ceiling
    for pooling in ("max", "avg"):
        for alpha in (1.0, 0.5, 0.0):
            assert value(scores, "omes_ceiling", pooling=pooling, alpha=alpha) == pytest.approx(formula, abs=1e-9)


def test_a_perfect_binary_factor_scores_0_and_1_in_the_unbiased_variant():
    factors = grid((2, 2, 5))
    scores = readable(omes, of(factors, factors), stream(0, "omes"))
    assert value(scores, "omes", "f0", pooling="max", alpha=0.5) == pytest.approx(0)
    assert value(scores, "omes_ceiling", "f1", pooling="max", alpha=0.5) == pytest.approx(0)
    unbiased = table(omes_unbiased(of(factors, factors), stream(0, "omes"), **QUICK), "omes_unbiased")
    assert np.allclose(list(unbiased.values()), 1)


def test_unbiased_variant_draws_with_replacement_on_a_full_grid():
    factors = grid((3, 4))
    codes = factors @ stream(9, "codes").normal(size=(2, 3)) + stream(9, "noise").normal(size=(12, 3))
    found = omes_unbiased(of(codes, factors), stream(0, "omes"), **QUICK).matrices["association_unbiased"].values
    for i, by_others in enumerate(groups_by_dictionary(factors)):
        pairs = [(a, b) for members in by_others.values() for a in members.values() for b in members.values()]
        correlation = np.corrcoef(codes[[a for a, _ in pairs]], codes[[b for _, b in pairs]], rowvar=False)
        assert np.allclose(found[:, i], 1 - np.abs(np.diag(correlation[:3, 3:])))


def test_unbiased_variant_stays_near_1_where_groups_are_small():
    factors = drawn((6, 6, 6, 6), 500, stream(10, "sparse"))
    scores = readable(partial(omes_unbiased, jackknife_blocks=0), of(factors, factors), stream(0, "omes"), shuffles=0)
    assert value(scores, "omes_unbiased", pooling="max", alpha=0.5) > 0.9
    assert value(scores, "omes_unbiased_ceiling", pooling="max", alpha=0.5) > 0.9


def test_noise_scores_the_floor_and_so_does_the_null():
    rng = stream(11, "noise")
    factors = grid((6, 6, 6, 6))
    perfect_and_noise = np.concatenate([factors * 1.0, rng.normal(size=(len(factors), 4))], axis=1)
    scores = readable(omes, of(rng.normal(size=(len(factors), 8)), factors), rng)
    null = readable(omes, of(perfect_and_noise, factors), rng)
    for alpha in (1.0, 0.5, 0.0):
        floor = alpha / 4 + (1 - alpha) / 8
        assert value(scores, "omes", pooling="avg", alpha=alpha) == pytest.approx(floor, abs=0.02)
        assert value(scores, "omes_null", pooling="avg", alpha=alpha) == pytest.approx(floor, abs=0.02)
        assert value(null, "omes_null", pooling="avg", alpha=alpha) == pytest.approx(floor, abs=0.02)
    assert value(null, "omes", pooling="max", alpha=1.0) > 0.5


def test_standard_error_is_the_spread_over_samples():
    mixing = stream(12, "mixing").normal(size=(5, 6)) + 3 * np.eye(5, 6)
    scores = []
    for seed in range(40):
        rng = stream(seed, "sample")
        factors = drawn((5, 5, 5, 5, 5), 1500, rng)
        codes = np.tanh((factors - 2) @ mixing / 5) + 0.1 * rng.normal(size=(1500, 6))
        scores.append(omes(of(codes, factors), rng, alphas=(1.0, 0.5)))
    for factor in (None, "f0", "f4"):
        for pooling, alpha in (("max", 1.0), ("avg", 0.5)):
            where = {"factor": factor, "pooling": pooling, "alpha": alpha}
            spread = np.std([value(one, "omes", **where) for one in scores], ddof=1)
            errors = [value(one, "omes_standard_error", **where) for one in scores]
            assert 0.7 < np.mean(errors) / spread < 1.6, where


def test_standard_error_of_the_sampled_estimator_includes_the_draw_of_pairs():
    factors = drawn((5, 5, 5, 5), 800, stream(13, "sample"))
    representation = of(factors + stream(13, "noise").normal(size=factors.shape), factors)
    where = {"metric": "omes_standard_error", "pooling": "max", "alpha": 0.5}
    exact = value(omes(representation, stream(0, "omes")), **where)
    sampled = np.mean([value(omes(representation, stream(seed, "omes"), estimator="sampled"), **where) for seed in range(10)])
    assert exact < sampled < 2 * exact


def test_dead_dimensions_take_no_part_and_keep_their_numbers():
    factors = grid((3, 4, 5))
    rng = stream(14, "dead")
    dead = 0.01 * rng.normal(size=(60, 2))
    codes = np.column_stack([np.full(60, 0.1), factors[:, 1], dead[:, 0], factors[:, 2], factors[:, 0], dead[:, 1]])
    scores = scored(of(codes, factors))
    assert value(scores, "omes_dead_dimensions") == 3
    assert scores.matrices["association"].rows == ("0 dead", "1", "2 dead", "3", "4", "5 dead")
    assert [value(scores, "omes_dimension", f"f{i}") for i in range(3)] == [4, 1, 3]
    assert table(scores) == pytest.approx(table(scored(of(codes[:, [1, 3, 4]], factors))))
    alive = scored(of(codes, factors), dead_threshold=0.0)
    assert value(alive, "omes_dead_dimensions") == 0
    assert value(alive, "omes", pooling="avg", alpha=1.0) < value(scores, "omes", pooling="avg", alpha=1.0)
    assert np.isfinite(alive.matrices["association"].values).all()


def test_all_dimensions_dead_is_refused():
    factors = grid((3, 4))
    for estimator in ("exact", "sampled"):
        scores = omes(of(0.01 * factors, factors), stream(0, "omes"), estimator=estimator)
        assert not table(scores)
        assert [refusal.factor for refusal in scores.refusals] == [None]
        assert "2 dimensions are dead" in scores.refusals[0].reason


def test_factors_without_pairs_are_named_and_left_out_of_the_mean():
    constant = np.full(12, 3)
    unique = np.arange(12)
    ordinary = grid((3, 4))
    scores = scored(of(ordinary, np.column_stack([ordinary[:, 0], constant, ordinary[:, 1]])))
    assert [(refusal.factor, refusal.reason.split(":")[0]) for refusal in scores.refusals] == [("f1", "constant")]
    assert value(scores, "omes_factors_scored") == 2
    assert value(scores, "omes", pooling="max", alpha=0.5) == pytest.approx(
        value(scored(of(ordinary, ordinary)), "omes", pooling="max", alpha=0.5)
    )
    assert scores.matrices["association"].columns == ("f0", "f2")
    everywhere_else = scored(of(ordinary, np.column_stack([ordinary, unique])))
    assert {refusal.factor for refusal in everywhere_else.refusals} == {"f0", "f1", "f2"}
    assert all("differ in it alone" in refusal.reason for refusal in everywhere_else.refusals)
    assert not table(everywhere_else)


def test_a_continuous_factor_is_refused_by_name():
    factors = np.column_stack([grid((3, 4)), np.repeat([0.25, 0.75], 6)])
    representation = of(factors, factors, (3, 4, 2))
    continuous = space((3, 4, 0), ("ordinal", "circular", "continuous"))
    scores = scored(type(representation)(representation.codes, factors, continuous))
    assert {refusal.factor for refusal in scores.refusals if refusal.reason.startswith("continuous")} == {"f2"}


def test_one_dimension_and_one_factor():
    factors = grid((5,))
    scores = omes(of(factors, factors), stream(0, "omes"))
    # S = 1 - 1/4; with nothing beside it o = m = S, and the score is S^2.
    assert value(scores, "omes", pooling="max", alpha=0.5) == pytest.approx(0.75**2)
    assert [refusal.metric for refusal in scores.refusals] == ["omes_standard_error"]
    more = scored(of(grid((4, 5))[:, :1], grid((4, 5))))
    assert value(more, "omes_dimension", "f1") == 0


def test_a_dimension_constant_inside_all_pairs_does_not_count_as_changing():
    factors = np.array([[0, 0], [1, 0], [2, 0], [3, 1], [3, 2], [3, 3]])
    codes = np.column_stack([factors[:, 0], factors[:, 1]])  # dimension 1 is 0 in all pairs of factor 0, dimension 0 is 3 in those of 1
    assert np.allclose(association(of(codes, factors)), [[0.5, 0], [0, 0.5]])


def test_same_seed_same_bits_and_exact_scores_need_none():
    factors = drawn((5, 5, 5), 200, stream(15, "sample"))
    representation = of(factors + stream(15, "noise").normal(size=factors.shape), factors)
    for estimator in ("exact", "sampled"):
        either = partial(omes, estimator=estimator)
        first, second = (readable(either, representation, stream(1, "omes")).rows for _ in range(2))
        assert first == second
    assert table(omes(representation, stream(1, "omes"))) == table(omes(representation, stream(2, "omes")))
    assert table(omes(representation, stream(1, "omes"), estimator="sampled")) != table(scored(representation, estimator="sampled"))


@pytest.mark.parametrize("seed", range(20))
def test_random_input_gives_finite_scores_or_reasons(seed):
    rng = stream(seed, "random input")
    sizes = rng.integers(1, 6, rng.integers(1, 5))
    factors = drawn(sizes, int(rng.integers(2, 60)), rng)
    codes = rng.normal(size=(len(factors), rng.integers(1, 5))) * rng.choice([0.0, 0.01, 1.0])
    for metric in (omes, omes_unbiased):
        scores = readable(metric, of(codes, factors, list(sizes)), rng)
        assert all(np.isfinite(row.value) for row in scores.rows)
        assert all(0 <= row.value <= 1 for row in scores.rows if row.metric == metric.__name__)
        named = {row.factor for row in scores.rows if row.metric == metric.__name__} | {r.factor for r in scores.refusals}
        assert None in {r.factor for r in scores.refusals} or named >= set(space(sizes).names)


@pytest.mark.parametrize("wrong", [{"estimator": "magic"}, {"poolings": ("sum",)}, {"alphas": (1.5,)}])
def test_unknown_settings(wrong):
    with pytest.raises(UserError, match="magic|sum|1.5"):
        scored(of(grid((3, 3)), grid((3, 3))), **wrong)


@pytest.mark.parametrize("mode", ("mean", "sampled"))
@pytest.mark.parametrize("name", SETS)
def test_reference(name, mode):
    measured = reference_scores("omes.json").get(f"{name}/{mode}")
    if measured is None:
        pytest.skip(f"{name}/{mode} was not measured")
    representation = load_representation(reference_folder(name), mode)
    exact, sampled = scored(representation), scored(representation, estimator="sampled")
    for (pooling, alpha, factor), found in table(exact).items():
        if factor is None and f"{pooling}_{alpha}" in measured:
            official = measured[f"{pooling}_{alpha}"]
            assert abs(found - official["mean"]) < 0.004
            assert abs(table(sampled)[pooling, alpha, None] - official["mean"]) < 3 * official["sd"]
    assert {row.factor: row.value for row in exact.rows if row.metric == "omes_pairs"} == measured["n_pairs"]
    alive = [k for k, label in enumerate(exact.matrices["association"].rows) if not label.endswith("dead")]
    assert np.abs(exact.matrices["association"].values[alive] - measured["cov_mean"]).max() < 0.015


def test_published_example_has_the_known_scores_within_the_budget():
    representation = load_representation(reference_folder("example"))
    spent = []
    for _ in range(3):
        before = time.process_time()
        scores = scored(representation)
        spent.append(time.process_time() - before)
    assert min(spent) < 0.15
    found = [value(scores, "omes", pooling=pooling, alpha=alpha) for pooling in ("max", "avg") for alpha in (1.0, 0.5, 0.0)]
    assert np.allclose(found, [0.7561, 0.7313, 0.7065, 0.6563, 0.6365, 0.6168], atol=6e-5)
    assert [value(scores, "omes_dimension", name) for name in representation.factor_space.names] == [0, 1, 2, 6, 4, 5]

"""Null, ceiling and interval of any metric: what they are called, what they rest on, and that intervals hold what they promise."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.intervals import fewer_draws, redrawn_means, score_setting
from metrics.mig import mig
from metrics.omes import omes
from metrics.readable import readable
from metrics.reference_codes import ReferenceCodes
from metrics.scores import Refusal, Row, Scores, rows_with_mean, score_rows
from tests.metrics.codes import drawn, grid, of, value


def correlation(representation, rng):
    """Squared correlation of dimension i and factor i, and a count."""
    codes, factors = representation.codes, representation.factors
    values = np.array([np.corrcoef(codes[:, i], factors[:, i])[0, 1] ** 2 for i in range(factors.shape[1])])
    rows = rows_with_mean("correlation", {"kind": "squared"}, representation.factor_space.names, values)
    return Scores([*rows, Row("correlation_samples", {}, None, len(codes))])


def noisy(seed, samples, noise=1.0):
    rng = stream(seed, "noisy")
    factors = drawn((5, 6), samples, rng)
    return of(factors + noise * rng.normal(size=factors.shape), factors, (5, 6))


def test_null_ceiling_and_interval_stand_beside_scores_only():
    scores = readable(correlation, noisy(0, 400), stream(0, "m"), interval=30)
    names = {row.metric for row in scores.rows}
    assert names == {"correlation", "correlation_samples", *(f"correlation_{k}" for k in ("null", "ceiling", "low", "high"))}
    for factor in (None, "f0", "f1"):
        assert value(scores, "correlation_ceiling", factor) == pytest.approx(1)
        assert value(scores, "correlation_null", factor) < 0.03
        low, high = (value(scores, f"correlation_{end}", factor) for end in ("low", "high"))
        assert low < value(scores, "correlation", factor) < high
    low = next(row for row in scores.rows if row.metric == "correlation_low")
    assert low.setting == {"kind": "squared", "interval": "subsamples", "subsample_rows": 200, "subsamples": 30}
    assert score_setting(low.setting) == {"kind": "squared"}
    assert len(score_rows(scores.rows)) == 3


def test_what_is_asked_for_beside_a_score_does_not_change_it():
    representation = noisy(1, 300)
    sampled = partial(omes, estimator="sampled")
    plain = readable(sampled, representation, stream(0, "m"), shuffles=0, ceiling=False)
    full = readable(sampled, representation, stream(0, "m"), interval=5)
    assert list(full.rows)[: len(plain.rows)] == list(plain.rows)
    assert not any(row.metric.endswith(("_null", "_ceiling", "_low")) for row in plain.rows)


@pytest.mark.parametrize("samples, largest", [(400, 2000), (1500, 200)])
def test_intervals_cover_the_true_value(samples, largest):
    truth = np.var(np.arange(5)) / (np.var(np.arange(5)) + 1)  # of factor 0, with noise of variance 1
    covered, widths, estimates = 0, [], []
    for seed in range(120):
        scores = readable(
            correlation, noisy(seed, samples), stream(seed, "m"), shuffles=0, ceiling=False, interval=40, largest_subsample=largest
        )
        low, high = (value(scores, f"correlation_{end}", "f0") for end in ("low", "high"))
        covered += low <= truth <= high
        widths.append(high - low)
        estimates.append(value(scores, "correlation", "f0"))
    assert 0.88 <= covered / 120 <= 0.995
    assert 0.85 < np.mean(widths) / (2 * 1.96 * np.std(estimates)) < 1.15


def test_intervals_of_mig_are_as_wide_as_its_spread():
    scores = [readable(mig, noisy(seed, 1500, 0.3), stream(seed, "m"), shuffles=0, ceiling=False, interval=30) for seed in range(30)]
    widths = [value(one, "mig_high") - value(one, "mig_low") for one in scores]
    assert 0.7 < np.mean(widths) / (2 * 1.96 * np.std([value(one, "mig") for one in scores])) < 1.4


def test_intervals_of_omes_come_from_its_standard_error():
    scores = readable(partial(omes, alphas=(0.5,)), noisy(2, 500), stream(0, "m"), interval=7)
    error = value(scores, "omes_standard_error", pooling="max")
    score = value(scores, "omes", pooling="max")
    low = next(row for row in scores.rows if row.metric == "omes_low" and row.factor is None and row.setting["pooling"] == "max")
    assert low.setting["interval"] == "jackknife" and low.value == pytest.approx(score - 1.959964 * error)


def fitted(representation, rng, calls=None):
    right = (representation.codes[:, 0] > 0).astype(float)
    if calls is not None:
        calls.append(len(right))
    rows = [Row("fitted", {}, None, float(right.mean())), Row("unfit", {}, None, 0.5)]
    return Scores(rows, outcomes={0: right})


def test_outcomes_of_one_fit_are_drawn_again_and_nothing_is_refitted():
    representation = of(stream(3, "codes").normal(size=(900, 1)), drawn((3,), 900, stream(3, "factors")))
    calls = []
    scores = readable(partial(fitted, calls=calls), representation, stream(0, "m"), shuffles=0, ceiling=False, interval=400, refits=False)
    assert calls == [900]
    low, high = value(scores, "fitted_low"), value(scores, "fitted_high")
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 900), rel=0.12)
    assert scores.refusals == [Refusal("unfit", None, "no interval: computing it again on subsamples takes too long")]
    assert next(row for row in scores.rows if row.metric == "fitted_low").setting == {"interval": "test rows", "test_rows": 900}


def test_redrawn_means_cover_the_mean():
    rng = stream(4, "outcomes")
    inside = 0
    for _ in range(200):
        low, high = redrawn_means({0: rng.random(120) < 0.8}, 200, rng)[0]
        inside += low <= 0.8 <= high
    assert 0.88 <= inside / 200 <= 0.99
    together = redrawn_means({0: np.arange(5.0), 3: 2 * np.arange(5.0), 7: np.ones(9)}, 50, rng)
    assert together[3] == pytest.approx(tuple(2 * end for end in together[0])) and together[7] == (1, 1)


def test_ends_stay_within_the_range_and_hold_the_score():
    representation = of(np.repeat(grid((4, 3)), 5, axis=0), np.repeat(grid((4, 3)), 5, axis=0))
    scores = readable(mig, representation, stream(0, "m"), interval=20, span=(0.0, 1.0))
    for factor in (None, "f0", "f1"):
        assert value(scores, "mig_low", factor) <= value(scores, "mig", factor) <= value(scores, "mig_high", factor) <= 1


def test_too_few_samples_and_factors_missing_from_subsamples_are_said():
    few = readable(correlation, noisy(5, 30), stream(0, "m"), shuffles=0, interval=5)
    assert not any(row.metric.endswith("_low") for row in few.rows)
    assert "30 samples are too few" in few.refusals[0].reason
    factors = drawn((5, 2), 200, stream(6, "rare"))
    factors[:, 1] = 0
    factors[7, 1] = 1  # half of the subsamples do not hold it
    rare = readable(mig, of(factors + 0.1, factors), stream(0, "m"), shuffles=0, interval=40)
    lows = {row.factor for row in rare.rows if row.metric == "mig_low"}
    assert "f0" in lows and {r.factor for r in rare.refusals if "no interval" in r.reason} | lows == {None, "f0", "f1"}


def pointwise(representation, rng, *, points: int = 4000):
    return Scores([Row("pointwise", {"points": points}, None, float(rng.normal(0.5, 1 / np.sqrt(points))))])


def test_fewer_draws_on_subsamples_let_the_noise_of_drawing_count_in_full():
    assert fewer_draws(pointwise, ["points"], 0.25) == {"points": 1000}
    assert fewer_draws(pointwise, ["points"], 0.001) == {"points": 100}
    scores = readable(pointwise, noisy(7, 10_000), stream(0, "m"), shuffles=0, ceiling=False, interval=400, draws=["points"])
    width = value(scores, "pointwise_high") - value(scores, "pointwise_low")
    assert width == pytest.approx(2 * 1.96 / np.sqrt(4000), rel=0.15)
    assert next(row for row in scores.rows if row.metric == "pointwise_low").setting["subsample_points"] == 1000


def test_reference_codes_are_made_once():
    references = ReferenceCodes(noisy(8, 100), stream(0, "shuffled"))
    assert references.perfect is references.perfect
    first, second = references.shuffled(1), references.shuffled(2)
    assert first[0] is second[0] and not np.array_equal(second[0].codes, second[1].codes)
    scores = [readable(correlation, noisy(8, 100), stream(seed, "m"), references=references) for seed in range(2)]
    assert value(scores[0], "correlation_null") == value(scores[1], "correlation_null")

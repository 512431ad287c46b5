"""Downstream accuracy: which dimensions count as pruned, what each classifier finds, and the published networks."""

from __future__ import annotations

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.downstream import downstream, encoded_by
from metrics.representation_files import load_representation
from tests.metrics.codes import drawn, grid, of, reference_folder, reference_scores, value

RNG = np.random.default_rng(0)


def spread():
    """Factor 0 in dimension 1, factor 1 half in dimension 3 and half in 2, dimension 0 dead; every combination many times."""
    rng = stream(0, "spread")
    factors = rng.permutation(np.tile(grid((4, 5)), (20, 1)))
    codes = np.stack([np.zeros(400), factors[:, 0], factors[:, 1] % 2, factors[:, 1] // 2 + 0.0], axis=1)
    return of(codes + [0, 0.05, 0.05, 0.05] * rng.normal(size=codes.shape), factors)


def test_pruned_dimensions_are_those_with_the_largest_overlap():
    encoding = encoded_by(spread())
    assert encoding["f0"] == 1
    assert encoding["f1"] == 3


def test_pruning_loses_what_other_dimensions_hold():
    scores = downstream(spread(), RNG)
    assert value(scores, "downstream", "f1", dimensions="all") > 0.95
    # Dimension 3 alone cannot tell 0 from 1, nor 2 from 3.
    assert value(scores, "downstream", "f1", dimensions="pruned") < 0.75
    assert value(scores, "downstream", "f0", dimensions="pruned", pruning="union") > 0.95
    assert value(scores, "downstream_dimension", "f1") == 3


def test_pruning_as_in_the_paper_reads_each_factor_off_one_dimension():
    factors = drawn((3, 3), 300, stream(0, "mixed"))
    sums = of(np.stack([factors[:, 0] + 0.3 * factors[:, 1], factors[:, 1] + 0.0], axis=1), factors)
    noisy = of(sums.codes + 0.25 * stream(0, "noise").normal(size=(300, 2)), factors)
    assert encoded_by(noisy) == {"f0": 0, "f1": 1}
    union = value(downstream(noisy, RNG, pruning="union"), "downstream", "f0", dimensions="pruned")
    paper = value(downstream(noisy, RNG, pruning="paper"), "downstream", "f0", dimensions="pruned")
    assert paper < union


def test_mean_and_minimum_and_their_outcomes():
    scores = downstream(spread(), RNG, models=("gbt", "forest"))
    for model in ("gbt", "forest"):
        for dimensions in ("all", "pruned"):
            of_factors = [value(scores, "downstream", f, model=model, dimensions=dimensions) for f in ("f0", "f1")]
            rows = [row for row in scores.rows if row.setting.get("model") == model and row.setting.get("dimensions") == dimensions]
            mean = next(row.value for row in rows if row.factor is None and "statistic" not in row.setting)
            assert mean == pytest.approx(np.mean(of_factors))
            assert value(scores, "downstream", model=model, dimensions=dimensions, statistic="min") == min(of_factors)
    for index, outcomes in scores.outcomes.items():
        assert scores.rows[index].metric == "downstream"
        assert outcomes.mean() == pytest.approx(scores.rows[index].value)


def test_a_factor_without_pairs_and_dead_codes():
    rng = stream(0, "holes")
    first = rng.integers(0, 3, 240)
    factors = np.stack([first, first], axis=1)  # never does one differ alone
    scores = downstream(of(first[:, None] + 0.0, factors), RNG)
    assert value(scores, "downstream", dimensions="all", statistic="min") == 1
    assert "no dimension can be kept" in scores.refusals[0].reason
    assert all(row.setting.get("dimensions") == "all" for row in scores.rows)
    dead = downstream(of(np.zeros((240, 2)), drawn((3, 2), 240, rng)), RNG)
    assert "dead" in dead.refusals[0].reason


def test_networks_read_turned_codes_better_than_trees():
    rng = stream(0, "network")
    factors = drawn((5, 5, 5), 600, rng)
    turned = factors @ np.linalg.qr(rng.normal(size=(3, 3)))[0] + 0.05 * rng.normal(size=(600, 3))
    scores = downstream(of(turned, factors), RNG, models=("gbt", "mlp"), dimensions=("all",))
    trees, network = (value(scores, "downstream", model=model, statistic="min") for model in ("gbt", "mlp"))
    assert network > trees + 0.05


def test_unknown_settings_are_named():
    for settings in ({"models": ("svm",)}, {"dimensions": ("some",)}, {"pruning": "none"}):
        with pytest.raises(UserError, match=str(next(iter(settings.values()))[0] if "pruning" not in settings else "none")):
            downstream(spread(), RNG, **settings)


@pytest.mark.parametrize("name", ["b_rotated"])
def test_published_network(name):
    published = next(row["value"] for row in reference_scores("scores.json") if row["set"] == name and row["metric"] == "downstream_mlp")
    scores = downstream(load_representation(reference_folder(name)), RNG, models=("mlp",), dimensions=("all",))
    means = [row.value for row in scores.rows if row.metric == "downstream" and row.factor is None]
    assert means[0] == pytest.approx(next(v for k, v in published.items() if k.endswith("mean_test_accuracy")), abs=0.005)

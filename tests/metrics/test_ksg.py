"""Information by neighbours: Gaussians in closed form, plain searches, scikit-learn, kinds of factors, and the measured reference."""

from __future__ import annotations

import re

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.ksg import ksg, ksg_mutual_information, ross_mutual_information
from metrics.neighbours import closer_than, digamma_table, nearest_in_line
from metrics.representation import Representation
from tests.metrics.codes import drawn, grid, of, reference_scores, value
from tests.metrics.measured import codes_of, entangled, reordered


def gaussians(rho, samples, rng, dimensions=1):
    first = rng.standard_normal((samples, dimensions))
    return first, rho * first + np.sqrt(1 - rho**2) * rng.standard_normal((samples, dimensions))


@pytest.mark.parametrize("k", (3, 20))
@pytest.mark.parametrize("rho", (0.0, 0.6, 0.9))
def test_gaussians_have_a_closed_form(rho, k):
    x, y = gaussians(rho, 5000, stream(0, "gaussian"))
    truth = -0.5 * np.log(1 - rho**2)
    assert ksg_mutual_information(x, y, k, np.e) == pytest.approx(truth, abs=0.03)
    assert ksg_mutual_information(x, y, k, 2) == pytest.approx(ksg_mutual_information(x, y, k, np.e) / np.log(2))


def test_independent_variables_scatter_on_both_sides_of_zero():
    estimates = [ksg_mutual_information(*gaussians(0.0, 300, stream(s, "noise"))) for s in range(20)]
    assert min(estimates) < 0 < max(estimates)
    assert np.mean(estimates) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("dimensions", (1, 3))
def test_equals_a_plain_search(dimensions):
    special = pytest.importorskip("scipy.special")
    x, y = gaussians(0.5, 60, stream(1, "plain"), dimensions)
    apart_x, apart_y = (np.abs(z[:, None] - z[None]).max(axis=2) for z in (x, y))
    nearest = np.sort(np.maximum(apart_x, apart_y), axis=1)[:, 4]
    counts = [(apart < nearest[:, None]).sum(axis=1) for apart in (apart_x, apart_y)]
    expected = special.digamma(4) + special.digamma(60) - sum(special.digamma(count).mean() for count in counts)
    assert ksg_mutual_information(x, y, 4, np.e) == pytest.approx(expected, abs=1e-12)


def test_neighbours_in_a_line_equal_a_plain_search():
    values = stream(2, "line").normal(size=40).round(1)  # with ties
    apart = np.abs(values[:, None] - values)
    for k in (1, 3, 39):
        assert np.allclose(nearest_in_line(values, k), np.sort(apart, axis=1)[:, k])
    radii = stream(3, "line").random(40)
    assert (closer_than(values[:, None], radii) == (apart <= radii[:, None] - 1e-15).sum(axis=1)).all()
    assert digamma_table(4) == pytest.approx([0, -0.5772156649, 0.4227843351, 0.9227843351, 1.2561176684])


def test_discrete_values_equal_scikit_learn():
    selection = pytest.importorskip("sklearn.feature_selection")
    rng = stream(4, "ross")
    values = rng.integers(0, 5, 400)
    x = values % 3 + rng.normal(size=400)
    expected = selection.mutual_info_classif(x[:, None], values, n_neighbors=4, random_state=0)[0]
    assert ross_mutual_information(x, values, 4, np.e, rng) == pytest.approx(expected, abs=1e-4)
    together = np.column_stack([x, np.zeros(400)])
    assert ross_mutual_information(together, values, 4) == pytest.approx(ross_mutual_information(x, values, 4), abs=0.02)


def test_perfect_codes_get_the_entropy_whatever_the_names_of_values():
    factors = drawn((4, 8), 2000, stream(5, "factors"))
    factors[:, 1] = stream(6, "names").permutation(8)[factors[:, 1]]
    scores = ksg(of(factors, factors), stream(0, "ksg"))
    assert value(scores, "ksg", "f0") == pytest.approx(2, abs=0.01)
    assert value(scores, "ksg", "f1") == pytest.approx(3, abs=0.01)
    nats = ksg(of(factors, factors), stream(0, "ksg"), units="nats")
    assert value(nats, "ksg") == pytest.approx(value(scores, "ksg") * np.log(2))
    assert np.abs(scores.matrices["ksg_information"].values[[0, 1], [1, 0]]).max() < 0.05


def test_continuous_factors_dead_dimensions_and_the_whole_code():
    x, y = gaussians(0.9, 3000, stream(7, "gaussian"))
    space = FactorSpace(("level", "still"), (0, 2), ("continuous", "ordinal"))
    representation = Representation(np.column_stack([x, np.full(3000, 5.0)]), np.column_stack([1000 * y, np.ones(3000)]), space)
    scores = ksg(representation, stream(0, "ksg"), units="nats")
    assert value(scores, "ksg", "level") == pytest.approx(-0.5 * np.log(1 - 0.81), abs=0.05)
    assert scores.matrices["ksg_information"].values[1, 0] == 0
    assert [refusal.factor for refusal in scores.refusals] == ["still"]
    whole = ksg(representation, stream(0, "ksg"), units="nats", code="whole")
    assert value(whole, "ksg") == pytest.approx(value(scores, "ksg"), abs=0.05)
    assert whole.matrices["ksg_information"].values.shape == (1, 1)


def test_what_cannot_be_estimated_is_named():
    scores = ksg(of(stream(8, "x").normal(size=(12, 1)), grid((12,))), stream(0, "ksg"))
    assert "declare it continuous" in scores.refusals[0].reason
    assert "too few" in ksg(of([[0.0], [1], [2]], np.array([[0], [1], [1]])), stream(0, "ksg"), k=3).refusals[0].reason
    with pytest.raises(UserError, match="at least one neighbour"):
        ksg(entangled(), stream(0, "ksg"), k=0)
    with pytest.raises(UserError, match="at least 4 samples"):
        ksg_mutual_information(np.zeros(3), np.zeros(3), 3)
    rare = np.array([0] * 10 + [1] * 2 + [2])
    assert np.isfinite(ross_mutual_information(stream(9, "x").normal(size=13), rare, 3))


def test_jitter_is_seeded_and_rows_are_drawn_where_there_are_too_many():
    ties = np.repeat(np.arange(5.0), 20)
    assert ksg_mutual_information(ties, ties, rng=stream(1, "j")) == ksg_mutual_information(ties, ties, rng=stream(1, "j"))
    plain = entangled(3000)
    few, all_of_them = ksg(plain, stream(0, "ksg"), samples=1500), ksg(plain, stream(0, "ksg"))
    assert value(few, "ksg", samples=1500) == pytest.approx(value(all_of_them, "ksg"), abs=0.1)


def test_order_sign_and_scale_of_dimensions_do_not_matter():
    plain = entangled()
    assert value(ksg(reordered(plain), stream(0, "ksg")), "ksg") == pytest.approx(value(ksg(plain, stream(0, "ksg")), "ksg"), abs=1e-6)


@pytest.mark.parametrize("family", ("gauss", "example", "a_perfect", "b_rotated", "e_random"))
def test_reference(family):
    compared = 0
    for entry in reference_scores("ksg.json")["results"]:
        if entry["case"].startswith(family) and not (entry["n"] > 6000 and "whole" in entry["case"]):
            jitter = np.random.RandomState(entry["seed"])
            ours = ksg_mutual_information(*measured_variables(entry), entry["k"], entry["base"], jitter)
            assert ours == pytest.approx(entry["value"], abs=1e-6), entry
            compared += 1
    assert compared


def measured_variables(entry):
    case, samples = entry["case"], entry["n"]
    if case.startswith("gauss"):
        rng = np.random.default_rng(entry["data_seed"])
        return gaussians(float(case.split("rho")[1]), samples, rng, 2 if "2d" in case else 1)
    representation = codes_of(case.split(":")[0], "mean")
    left, right = re.search(r": (z\d|whole z).* vs (z\d|factor \d)", case).groups()
    codes, factors = representation.codes[:samples], representation.factors[:samples]
    first = codes if left == "whole z" else codes[:, int(left[-1])]
    return first, (factors if right.startswith("factor") else codes)[:, int(right[-1])]

"""Every metric on the list, on inputs that nobody thought of: a number or a reason, never a crash, never NaN."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.available import METRICS, metrics_named
from metrics.representation import Representation
from metrics.scores import score_rows
from tests.metrics.codes import drawn, of, space

KINDS = ("categorical", "ordinal", "circular", "continuous")
UNBOUNDED_BELOW = {"ksg"}


def random_input(seed):
    """Few or many samples; constant, rare, binary and continuous factors; dead, huge, tiny, tied and copied dimensions."""
    rng = stream(seed, "random input")
    sizes = rng.integers(1, 7, rng.integers(1, 5)).tolist()
    samples = int(rng.choice([2, 3, 7, 30, 90]))
    factors = drawn(sizes, samples, rng).astype(float)
    kinds = [str(rng.choice(KINDS, p=(0.3, 0.4, 0.2, 0.1))) for _ in sizes]
    for i, kind in enumerate(kinds):
        if kind == "continuous":
            factors[:, i] = rng.normal(size=samples)
    dimensions = int(rng.integers(1, 5))
    codes = rng.normal(size=(samples, dimensions)) + factors @ rng.normal(size=(len(sizes), dimensions)) * rng.choice([0, 1])
    codes = codes * rng.choice([0.0, 0.01, 1.0, 1e8], dimensions)
    codes[:, 0] = codes[:, 0].round(int(rng.integers(0, 3)))
    codes[:, -1] = codes[:, 0] if rng.random() < 0.3 else codes[:, -1]
    plain = [0 if kind == "continuous" else size for size, kind in zip(sizes, kinds, strict=True)]
    return Representation(codes, factors if "continuous" in kinds else factors.astype(np.int64), space(plain, kinds))


@pytest.mark.parametrize("name", METRICS)
def test_random_input_gives_finite_scores_or_reasons(name):
    for seed in range(16):
        representation = random_input(seed)
        scores = METRICS[name].score(representation, stream(seed, "m"), interval=3 if seed % 5 == 0 else 0)
        assert all(np.isfinite(row.value) for row in scores.rows), seed
        assert score_rows(scores.rows) or any(refusal.reason for refusal in scores.refusals), seed
        low, high = METRICS[name].span
        assert all(low - 1e-9 <= row.value <= high + 1e-9 for row in score_rows(scores.rows)) or name in UNBOUNDED_BELOW, seed


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_a_function_of_its_name_that_computes_no_null_itself(name):
    metric = METRICS[name].metric
    assert metric.__name__ == name and metric.__doc__
    assert {"shuffles", "ceiling", "interval"}.isdisjoint(inspect.signature(metric).parameters)
    assert METRICS[name].caution and set(METRICS[name].draws) <= set(inspect.signature(metric).parameters)


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].shuffles])
def test_a_perfect_code_reaches_its_ceiling_and_noise_its_null(name):
    factors = drawn((3, 4, 5), 900, stream(0, "factors"))
    codes = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    scores = METRICS[name].score(of(codes, factors), stream(0, "m"))
    beside = {(row.metric, tuple(row.setting.items()), row.factor): row.value for row in scores.rows}
    for row in score_rows(scores.rows):
        ceiling, null = (beside[f"{row.metric}_{kind}", tuple(row.setting.items()), row.factor] for kind in ("ceiling", "null"))
        assert row.value == pytest.approx(ceiling, abs=0.06)
        if not (name in ("omes", "dci_es", "infomec") or "leakage" in name):  # a share of nothing may be anything
            assert null <= row.value + 0.02


def test_names():
    assert list(metrics_named("mig, omes")) == ["mig", "omes"] and metrics_named("all") == dict(METRICS)
    with pytest.raises(UserError, match="metrics are omes, omes_unbiased, mig"):
        metrics_named("magic")

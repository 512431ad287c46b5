"""Charts and heat maps: drawn for one, two and ten seeds and for gaps in the data, skipped where they would say nothing."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from foundation.randomness import stream
from metrics.scores import Matrix
from results.charts import violins
from results.heat_maps import heat_map, improvement, rank_correlation

RNG = stream(0, "charts")
FACTORS = ("floor_hue", "shape", "scale")


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def pixels(path) -> np.ndarray:
    """The brightness [H, W] of a picture."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"))


def ink(path) -> float:
    """Fraction of pixels that are not white."""
    return float((pixels(path) < 250).mean())


@pytest.mark.parametrize("dimensions", [1, 10, 120])
def test_heat_maps_of_any_size_grow_with_the_matrix(tmp_path, dimensions):
    values = RNG.random((dimensions, 3))
    values[0, 0] = np.nan
    heat_map(Matrix(values, tuple(map(str, range(dimensions))), FACTORS), "Association", tmp_path / "h.png")
    assert pixels(tmp_path / "h.png").shape[0] >= min(390, 54 * dimensions)


def test_a_heat_map_of_nothing_but_gaps(tmp_path):
    heat_map(Matrix(np.full((2, 3), np.nan), ("0", "1"), FACTORS), "Association", tmp_path / "h.png", largest=None)
    assert ink(tmp_path / "h.png") > 0.2


@pytest.mark.parametrize("runs", [1, 2, 10])
@pytest.mark.parametrize("groups", [1, 3])
def test_violins_for_any_number_of_runs_and_groups(tmp_path, runs, groups):
    def by_stage() -> dict[str, np.ndarray]:
        return {stage: RNG.random(runs) for stage in ("untrained", "before", "after")}

    samples = {score: {f"group {i}": by_stage() for i in range(groups)} for score in ("OMES", "MIG", "DCI", "ELBO", "KL")}
    samples["MIG"]["group 0"]["after"][0] = np.nan
    samples["DCI"]["group 0"] = {}
    violins(samples, tmp_path / "v.png")
    assert ink(tmp_path / "v.png") > 0.005


def test_rank_correlation_needs_three_points_and_two_scores_that_vary(tmp_path):
    path = tmp_path / "r.png"
    values = pd.DataFrame({"OMES": [0.1, 0.5, 0.3, 0.2], "MIG": [0.2, np.nan, 0.1, 0.3], "constant": [1.0] * 4})
    assert not rank_correlation(values[:2], "few", path)
    assert not rank_correlation(values[["OMES", "constant"]], "one", path)
    assert not path.exists()
    assert rank_correlation(values, "enough", path)
    assert path.exists()


def test_improvement_is_drawn_around_no_change(tmp_path):
    improvement(Matrix(np.array([[5.0, np.nan, -3.0]] * 2), ("all factors", "shape"), ("a", "b", "c")), "Improvement", tmp_path / "i.png")
    assert ink(tmp_path / "i.png") > 0.2

"""OMES and OMESFactors as their authors' documentation shows them."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from foundation.errors import UserError
from foundation.randomness import stream
from metrics import OMES, OMESFactors
from metrics.omes import omes
from metrics.representation_files import load_representation
from tests.metrics.codes import grid, value

ALPHAS = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]


@pytest.fixture
def folder(tmp_path):
    factors = grid((4, 5, 3))
    codes = np.column_stack([factors @ stream(0, "mixing").normal(size=(3, 3)), np.zeros(60)])
    np.savez(tmp_path / "representations", mean=codes, sampled=codes + stream(0, "noise").normal(size=codes.shape))
    write_classes(tmp_path, factors, "hue,scale,shape")
    return tmp_path


def write_classes(folder, factors, names):
    np.savetxt(folder / "classes.csv", factors, delimiter=",", header=names, comments="", fmt="%.1f")


def given(folder, mode="mean"):
    # With endings left away, as published.
    paths = {"representation_path": os.path.join(folder, "representations"), "classes_path": os.path.join(folder, "classes")}
    return {"mode": mode, **paths}


@pytest.mark.parametrize("mode", ("mean", "sampled"))
def test_scores_by_pooling_and_alpha(folder, mode):
    score = OMES(**given(folder, mode)).get_score()
    assert {pooling: list(by_alpha) for pooling, by_alpha in score.items()} == {"max": ALPHAS, "avg": ALPHAS}
    rows = omes(load_representation(folder, mode), stream(0, "other"))
    assert all(score[pooling][alpha] == value(rows, "omes", pooling=pooling, alpha=alpha) for pooling in score for alpha in score[pooling])
    assert set(json.loads(json.dumps(score))["avg"]) == {str(alpha) for alpha in ALPHAS}


def test_scores_by_factor_have_the_mean_that_omes_gives(folder):
    mean, by_factor = OMES(**given(folder)).get_score(), OMESFactors(**given(folder)).get_score()
    assert list(by_factor["max"][0.5]) == ["hue", "scale", "shape"]
    for pooling in mean:
        for alpha in mean[pooling]:
            assert np.mean(list(by_factor[pooling][alpha].values())) == pytest.approx(mean[pooling][alpha])


def test_by_products_are_returned_and_nothing_is_written(folder):
    before = sorted(path.name for path in folder.iterdir())
    metric = OMES(**given(folder))
    metric.get_score()
    assert sorted(path.name for path in folder.iterdir()) == before
    assert set(metric.association) == {"hue", "scale", "shape"} and set(metric.association.values()) <= {0, 1, 2}
    assert metric.inactive == [3]
    assert metric.cov.shape == (4, 3)


def test_sampled_estimator_is_seeded(folder):
    first, again, other = (OMES(**given(folder), estimator="sampled", seed=seed).get_score() for seed in (1, 1, 2))
    assert first == again != other
    assert first["max"][0.5] == round(first["max"][0.5], 4)
    assert first["max"][0.5] == pytest.approx(OMES(**given(folder)).get_score()["max"][0.5], abs=0.1)


def test_a_factor_without_a_score_is_nan_with_a_warning_that_names_it(folder):
    write_classes(folder, np.column_stack([grid((4, 5, 3))[:, :2], np.ones(60)]), "hue,scale,light")
    with pytest.warns(UserWarning, match="no OMES for light: constant"):
        by_factor = OMESFactors(**given(folder)).get_score()
    assert list(by_factor["avg"][0.0]) == ["hue", "scale", "light"] and np.isnan(by_factor["avg"][0.0]["light"])
    with pytest.warns(UserWarning, match="light"):
        mean = OMES(**given(folder)).get_score()
    assert mean["avg"][0.0] == pytest.approx(np.mean([by_factor["avg"][0.0][name] for name in ("hue", "scale")]))


def test_files_that_cannot_be_scored(folder):
    with pytest.raises(UserError, match="no array 'median'"):
        OMES(**given(folder, "median")).get_score()
    write_classes(folder, np.ones((60, 1)), "light")
    with pytest.warns(UserWarning, match="light"), pytest.raises(UserError, match="constant"):
        OMES(**given(folder)).get_score()

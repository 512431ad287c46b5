"""Learning curves: which term goes to which panel, means over seeds of any number and length, and nothing cut without a word."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from foundation.randomness import stream
from results.charts import limit_to_the_bulk, new_figure
from results.experiment_charts import draw_learning_curves
from results.learning_curves import MOST_PANELS, learning_curves
from results.run_folder import RunFolder
from results.term_panels import panels_of


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def group_terms(seed=0, rows=50, **more):
    """What a model with a policy and two elements reports."""
    rng, step = stream(seed, "terms"), np.arange(1, rows + 1) * 100
    falling = np.exp(-step / 1000)
    columns = {
        "step": step,
        "objective": 600 * falling + 1,
        "kl": 9 + rng.random(rows),
        "elbo": -600 * falling,
        "prediction": 0.5 * falling,
    }
    columns |= {"doing_nothing": np.full(rows, 2.0), "entropy": 1.386 * falling, "note": ["x"] * rows}
    columns |= {"share_0": falling, "share_1": 1 - falling, "angle_0": falling - 2 * math.pi, "angle_1": -falling, "order_0": 1 / falling}
    columns |= {"learning_rate": np.full(rows, 1e-3), "learning_rate.policy": np.full(rows, 1e-3), **more}
    return pd.DataFrame(columns)


def titles_and_lines(terms):
    return {panel.title: list(panel.lines) for panel in panels_of({"seed 0": terms}, terms["step"].to_numpy(dtype=float))}


def test_terms_go_to_the_panels_of_their_family():
    assert titles_and_lines(group_terms()) == {
        "objective": ["objective"],
        "KL": ["kl"],
        "ELBO": ["elbo"],
        "prediction error / doing nothing": ["prediction"],
        "policy entropy": ["entropy"],
        "share of pairs with each action": ["share_0", "share_1"],
        "|angle| of own actions, radians": ["angle_0", "angle_1"],
    }


def test_other_terms_have_panels_of_their_own():
    pair = [1.0, 0.5]
    terms = pd.DataFrame({"step": [1, 2], "x_loss": pair, "maximiser.back": pair, "learning_rate": pair, "y": [np.nan] * 2})
    assert list(titles_and_lines(terms)) == ["x loss", "maximiser: back", "learning rates"]
    alone = pd.DataFrame({"step": [1, 2], "prediction": [1.0, 2.0]})
    assert list(titles_and_lines(alone)) == ["prediction"]


def test_angles_are_the_short_way_round_and_predictions_a_ratio():
    terms = group_terms()
    panels = {panel.title: panel for panel in panels_of({"": terms}, terms["step"].to_numpy(dtype=float))}
    falling = np.exp(-terms["step"] / 1000)
    for line in panels["|angle| of own actions, radians"].lines.values():
        np.testing.assert_allclose(line[0], falling, atol=1e-9)
    np.testing.assert_allclose(panels["prediction error / doing nothing"].lines["prediction"][0], falling / 4)


def test_seeds_on_other_steps_meet_on_common_ones_and_end_where_they_end():
    first = pd.DataFrame({"step": [0, 100, 200, 300], "kl": [0.0, 1.0, np.inf, 3.0]})
    second = pd.DataFrame({"step": [50, 150], "kl": [5.0, 7.0]})
    (panel,) = panels_of({"a": first, "b": second}, np.array([0.0, 50, 100, 150, 200, 300]))
    np.testing.assert_allclose(panel.lines["kl"], [[0, 0.5, 1, 1.5, 2, 3], [np.nan, 5, 6, 7, np.nan, np.nan]])


@pytest.mark.parametrize("seeds", [1, 2, 10])
@pytest.mark.parametrize("rows", [1, 2, 60])
def test_any_number_of_seeds_of_any_length(tmp_path, seeds, rows):
    terms = {f"seed {seed}": group_terms(seed, rows) for seed in range(seeds)}
    assert learning_curves(terms, tmp_path / "c.png", "title", [0.952]) == ()
    with Image.open(tmp_path / "c.png") as picture:
        assert picture.width > 1200 and np.asarray(picture.convert("L")).min() < 100


def test_seeds_that_ended_early_and_terms_without_room_are_told(tmp_path):
    terms = {f"seed {seed}": group_terms(seed, 20 if seed == 1 else 50, **{f"extra_{k}x": 1.0 for k in range(8)}) for seed in range(3)}
    ended, left = learning_curves(terms, tmp_path / "c.png")
    assert ended == "ended before step 5,000: seed 1 at step 2,000"
    assert left == f"not drawn: {', '.join(f'extra {k}x' for k in range(MOST_PANELS - 7, 8))}"


def test_the_same_terms_give_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        learning_curves({"seed 0": group_terms(0), "seed 1": group_terms(1)}, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_start_that_flattens_all_the_rest_leaves_the_panel():
    panel = new_figure(2, 2).subplots()
    limit_to_the_bulk(panel, np.concatenate([[1000.0], np.linspace(3, 1, 19)]))
    assert panel.get_ylim()[1] < 10 and panel.texts[0].get_text() == "start not shown"


def test_all_seeds_of_an_experiment_are_drawn_whether_complete_or_not(tmp_path):
    none = pd.DataFrame({"metric": [], "value": []})
    for seed, stage in ((0, "trained"), (1, "trained")):
        folder = RunFolder(tmp_path, "some", seed).stage(stage)
        folder.path.mkdir(parents=True)
        group_terms(seed, 30 - 10 * seed).to_csv(folder.terms, index=False)
    path, notes = draw_learning_curves(tmp_path, "some", none)
    assert path == tmp_path / "some" / "figures" / "learning_curves.png" and path.is_file()
    assert notes == ("ended before step 3,000: seed 1 at step 2,000",)
    transfer = RunFolder(tmp_path, "some_to_other", 3).stage("after")
    transfer.path.mkdir(parents=True)
    assert draw_learning_curves(tmp_path, "some_to_other", none) == (None, ())
    group_terms().to_csv(transfer.terms, index=False)
    assert draw_learning_curves(tmp_path, "some_to_other", none)[0] is not None

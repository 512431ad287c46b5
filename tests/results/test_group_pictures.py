"""Pictures of actions: what is drawn where, in files that appear whole."""

import math

import numpy as np
import pandas as pd
from PIL import Image

from foundation.randomness import stream
from results.group_pictures import angle_trajectories, orbits, repeated_actions


def test_repeated_actions_are_lines_and_an_animation_that_goes_round(tmp_path):
    frames = stream(0, "frames").random((3, 5, 1, 32, 32))
    repeated_actions(frames, ["c+ 0", "c- 0", "x +"], tmp_path / "a.png", tmp_path / "a.gif")
    picture = np.asarray(Image.open(tmp_path / "a.png"))
    assert picture.shape[0] == 4 + 3 * 132 and picture.shape[1] > 5 * 132
    animated = Image.open(tmp_path / "a.gif")
    assert animated.n_frames == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "a.png"]


def test_orbits_have_a_panel_for_every_action(tmp_path):
    turns = np.arange(16) * 0.952
    circle = np.stack([np.cos(turns), np.sin(turns)], 1)
    orbit = np.zeros((6, 16, 4))
    orbit[::2, :, :2] = circle
    orbit[1::2, :, 2:] = circle
    orbits(stream(0, "codes").standard_normal((100, 4)), orbit, [f"action {k}" for k in range(6)], tmp_path / "o.png")
    width, height = Image.open(tmp_path / "o.png").size
    assert width > 1500 and height > 750


def test_angles_over_training_are_drawn_where_there_are_any(tmp_path):
    steps = np.arange(0, 1000, 10)
    terms = pd.DataFrame({"step": steps, "kl": 1.0, "angle_0": steps / 200, "angle_2": -steps / 400})
    assert angle_trajectories(terms, ["c+ 0", "0 0", "c+ 1"], [0.952, -0.952], tmp_path / "angles.png")
    picture = np.asarray(Image.open(tmp_path / "angles.png").convert("RGB")).astype(int)
    coloured = (np.ptp(picture, axis=2) > 60).any(axis=0)
    assert coloured.sum() > 300
    assert terms["angle_0"].max() > math.pi  # so that it came round once
    assert not angle_trajectories(pd.DataFrame({"step": [1, 2], "kl": [0.0, 1.0]}), [], [], tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()

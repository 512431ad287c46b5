"""Every experiment of the project, and every script that runs one: names that exist, parts that fit, one batch that trains."""

import contextlib
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import torch

from experiments.catalogue import EXPERIMENTS, experiment_names, open_experiment
from experiments.run import build
from foundation.errors import UserError
from foundation.randomness import stream
from results.published import FOLDER
from training.start import load_parts

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = sorted((ROOT / "bash_scripts").glob("*.sh"))
TABLES = [path for path in SCRIPTS if path.stem.endswith("_table")]
STAND_IN = "rendered_"


def runnable(script):
    """The text of a script as RENDERED=rendered_ runs it: nothing but what is embedded."""
    return script.read_text().replace("${RENDERED:-}", STAND_IN)


PAIRS = [
    (source, target)
    for script in SCRIPTS
    for source, target in re.findall(r"--source (\w+)\S* --target (\w+)", runnable(script))
    if script.stem != "demo"
] + [("demo_weak_dsprites_color", "demo_3dshapes")]


@pytest.mark.parametrize("name", experiment_names())
def test_an_experiment_draws_builds_and_has_finite_losses(name):
    with contextlib.ExitStack() as stack:
        try:
            experiment = stack.enter_context(open_experiment(name)).experiment
        except UserError as missing:  # its files are not here: then it says how they come, and its stand-in is tried in its place
            assert "prepare_datasets.py fetch" in str(missing) and STAND_IN + name in experiment_names()
            return
        model = build(experiment, 0)
        batch = experiment.source.draw(8, stream(0, "data", 0))
        assert batch.observations.shape == (8, experiment.source.spec.views, *experiment.source.spec.observation_shape)
        model.check(batch)
        assert set(model.players()) == set(experiment.training.optimisers)
        for player in model.players():
            assert torch.isfinite(model.losses(batch, 0, player).objective)


@pytest.mark.parametrize("name", experiment_names())
def test_the_head_of_a_configuration_tells_what_it_is_and_how_to_run_it(name):
    head = (EXPERIMENTS / f"{name}.gin").read_text().split("\ninclude")[0]
    assert head.startswith("# ")
    if not name.endswith("_beta2"):
        assert "train_and_transfer_model.py" in head and "Cost" in head


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_target_takes_the_networks_of_its_source(source, target):
    with open_experiment(source) as opened:
        weights = build(opened.experiment, 0).state_dict()
    with open_experiment(target) as opened:
        load_parts(build(opened.experiment, 1), weights, opened.experiment.start.parts, source)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_valid_and_names_experiments_that_exist(script):
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
    named = re.findall(r"--(?:source|target) (\w+)", runnable(script)) + re.findall(r"\$\{RENDERED:-\}(\w+)", script.read_text())
    assert named or script.stem in ("demo", "download_datasets") or script in TABLES
    for name in named:
        assert {name, f"{name}_beta2"} <= set(experiment_names())


def test_every_published_table_has_a_script():
    assert {path.stem for path in TABLES} == {f"{path.stem}_table" for path in FOLDER.glob("*.csv")}


@pytest.mark.parametrize("script", TABLES, ids=lambda path: path.name)
def test_the_script_of_a_published_table_runs_its_experiments(script):
    name = script.stem.removesuffix("_table")
    (models,) = re.findall(r"for model in ([\w ]+);", script.read_text())
    assert set(models.split()) == set(pd.read_csv(FOLDER / f"{name}.csv", comment="#")["experiment"])
    assert f"--published {name} " in script.read_text()


def test_all_published_pairs_have_a_script():
    published = {
        ("weak_dsprites_color", "coil100_augmented"),
        ("weak_dsprites_color", "rgbd_objects"),
        ("weak_dsprites_color_white", "coil100_augmented_binary"),
        ("weak_dsprites_color_white", "rgbd_objects_depth"),
        ("weak_3dshapes", "coil100_augmented"),
        ("weak_3dshapes", "rgbd_objects_depth"),
        ("weak_coil100_augmented", "rgbd_objects"),
        ("weak_coil100_augmented_binary", "coil100_augmented"),
        ("weak_coil100_augmented_binary", "rgbd_objects"),
        ("weak_coil100_augmented_binary", "rgbd_objects_depth"),
        ("weak_dsprites_color", "noisy_dsprites_color"),
        ("weak_dsprites_color", "3dshapes"),
        ("weak_dsprites_color_white", "noisy_dsprites"),
        ("weak_dsprites_color_white", "dsprites_color"),
        ("weak_dsprites_color_white", "3dshapes"),
    }
    assert published <= {(source.removeprefix(STAND_IN), target.removeprefix(STAND_IN)) for source, target in PAIRS}

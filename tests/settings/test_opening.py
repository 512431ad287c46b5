"""Configuration: what gin passes mutely is refused when the file is loaded; identity is what shapes the weights."""

import contextlib
import re
from pathlib import Path

import pytest

from experiments.catalogue import experiment_names, open_experiment
from foundation.errors import UserError

TOY = Path(__file__).parent.parent / "toy_source.gin"


def opened(tmp_path, text="", overrides=(), base=TOY):
    path = tmp_path / "variant.gin"
    path.write_text(f"include '{base}'\n{text}\n")
    with open_experiment(str(path), overrides) as experiment:
        return experiment


def refusal(tmp_path, text="", overrides=()):
    with pytest.raises(UserError) as caught:
        opened(tmp_path, text, overrides)
    return str(caught.value).splitlines()[0]


IMPORTS = (
    "from __gin__ import dynamic_registration\nfrom models import weak_vae\nfrom training import training\nfrom models import networks\n"
)


@pytest.mark.parametrize("name", experiment_names())
def test_every_experiment_of_the_project_opens(name):
    with contextlib.ExitStack() as stack:
        try:
            experiment = stack.enter_context(open_experiment(name))
        except UserError as missing:  # the files of its data set are not here
            assert "prepare_datasets.py fetch" in str(missing)
            return
        assert experiment.experiment.training.steps > 0
        assert experiment.name == name


def test_an_unknown_experiment_lists_those_there_are(tmp_path):
    with pytest.raises(UserError, match=r"no experiment 'weak_3dshape'; experiments are: .*weak_3dshapes"), open_experiment("weak_3dshape"):
        pass


def test_the_name_of_a_transfer_is_kept_for_transfers(tmp_path):
    path = tmp_path / "a_to_b.gin"
    path.write_text(f"include '{TOY}'\n")
    with pytest.raises(UserError, match="_to_"), open_experiment(str(path)):
        pass


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("gama = 3.0", "nothing reads gama"),
        (IMPORTS + "model/weak_vae.WeakVAE.beta = 3.0", "nothing reads model/WeakVAE.beta"),
        (IMPORTS + "mdel/training.Optimiser.learning_rate = 1.0", "nothing reads mdel/Optimiser.learning_rate"),
        (IMPORTS + "training.Optimiser.learning_rate = 1.0", "nothing reads Optimiser.learning_rate"),
        (IMPORTS + "networks.PlainNetwork.filters = 8", "nothing reads PlainNetwork.filters"),
        (IMPORTS + "training.Training.batch_size = '8'", r"Training.batch_size must be of type int, not '8'"),
        (IMPORTS + "training.Training.batch_size = 8.5", r"must be of type int, not 8.5"),
        (IMPORTS + "weak_vae.WeakVAE.network = 5", "WeakVAE.network must be of type"),
        ("beta = 'two'", "WeakVAE.beta must be of type float, not 'two'"),
        ("beta = 1.0\nbeta = 2.0", "beta is set in line 2 and again in line 3"),
        (IMPORTS + "weak_vae.WeakVAE.bta = 2.0", "doesn't have a parameter named 'bta'"),
        (IMPORTS + "weak_vae.WeekVAE.beta = 2.0", "WeekVAE"),
        (IMPORTS + "weak_vae.WeakVAE.beta = %gin.REQUIRED", "WeakVAE.beta must be set"),
        (IMPORTS + "weak_vae.WeakVAE.beta = %gamma", "gamma"),
        ("include 'configs/datasets/dsprite.gin'", r"no configs/datasets/dsprite.gin; datasets has .*dsprites.gin"),
        ("from datasets import nothing", "nothing"),
        ("beta = ", "line|syntax|variant"),
    ],
)
def test_mistakes_are_found_when_the_file_is_loaded(tmp_path, text, word):
    assert re.search(word, refusal(tmp_path, text))


def test_a_missing_part_is_named(tmp_path):
    lines = [line for line in TOY.read_text().splitlines() if not line.startswith("weak_vae.WeakVAE.likelihood")]
    base = tmp_path / "base.gin"
    base.write_text("\n".join(line for line in lines if "likelihoods" not in line))
    with pytest.raises(UserError, match="WeakVAE.likelihood must be set"):
        opened(tmp_path, base=base)


@pytest.mark.parametrize(
    ("override", "word"),
    [
        ("beta", "is no binding"),
        ("bta = 2.0", "no named value 'bta'; named values are beta"),
        ("VAE.beta = 2.0", "VAE names nothing"),
        ("Optimiser.learning_rate = 2.0", "nothing reads Optimiser.learning_rate"),
        ("nowhere.Thing.x = 1", "no module nowhere"),
        ("WeakVAE.aggregator = argmax", "words need quotes"),
        ("Training.batch_size = '8'", "must be of type int"),
        ("datasets.images.dsprites.DSprites.noise = True", "nothing reads DSprites.noise"),
    ],
)
def test_mistakes_of_the_command_line(tmp_path, override, word):
    assert word in refusal(tmp_path, overrides=[override])


def test_overrides_reach_values_parameters_and_classes_that_no_file_mentions(tmp_path):
    overrides = [
        "beta = 3.0",
        "model/Optimiser.learning_rate = 0.5",
        "Training.batch_size = 4",
        "WeakVAE.network = @models.networks.PlainNetwork",
        "models.networks.PlainNetwork.filters = 4",
    ]
    found = opened(tmp_path, overrides=overrides).configuration.settings
    assert found["beta"] == 3.0 and found["WeakVAE.beta"] == 3.0
    assert found["model/Optimiser.learning_rate"] == 0.5 and found["Training.batch_size"] == 4
    assert found["PlainNetwork.filters"] == 4 and "EfficientNetwork.filters" not in found


def test_an_override_of_a_parameter_may_leave_a_named_value_unread(tmp_path):
    assert opened(tmp_path, overrides=["WeakVAE.beta = 4.0"]).configuration.settings["WeakVAE.beta"] == 4.0


def test_identity_is_what_shapes_the_weights(tmp_path):
    plain = opened(tmp_path)
    for same in (["Training.steps = 99"], ["Training.checkpoint_every = 1"], ["Uniform.rows = 7"], ["elbo.observations = 3"]):
        assert opened(tmp_path, overrides=same).identity == plain.identity
    for other in (["beta = 2.0"], ["Squares.noisy = False"], ["Selection.every = 40"], ["EfficientNetwork.filters = 16"]):
        assert opened(tmp_path, overrides=other).identity != plain.identity
    assert "WeakVAE.aggregator = 'labels'" in plain.identity  # defaults count


def test_the_resolved_text_opens_to_the_same_experiment(tmp_path):
    first = opened(tmp_path, overrides=["beta = 3.0"])
    path = tmp_path / "config.gin"
    path.write_text(first.configuration.text)
    with open_experiment(str(path)) as again:
        assert again.identity == first.identity and again.configuration.settings == first.configuration.settings


def test_nothing_of_one_experiment_leaks_into_the_next(tmp_path):
    assert opened(tmp_path, overrides=["beta = 3.0"]).configuration.settings["beta"] == 3.0
    assert opened(tmp_path).configuration.settings["beta"] == 1.0

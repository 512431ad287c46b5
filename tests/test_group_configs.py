"""The configuration pieces of group models fit together: each model on FlatLand and on the torus, with scores on held-out pairs."""

from pathlib import Path

import pytest
import torch

from experiments.action_pictures import draw_actions
from experiments.catalogue import open_experiment
from experiments.run import build
from foundation.randomness import stream
from models.groups.rgrvae import RGrVAE
from models.vae import VAE
from results.run_folder import RunFolder

HEAD = """from __gin__ import dynamic_registration
from datasets import parts
from datasets import walks
include 'configs/datasets/{world}.gin'
include 'configs/models/forward_network.gin'
include 'configs/training/groups.gin'
"""
WALKS = {
    "flatland": "walks.RecordedWalks",
    "flatland_torus": "walks.ActionWalks",
}
STEPS = "walks.ActionWalks.steps = {'x': 5, 'y': 5}\n"
TAIL = """include 'configs/action_scores.gin'
action_rows = 3000
batches.Observed.views = @{walks}()
{walks}.part = @parts.Training()
held_out_views = @held_out/{walks}()
held_out/{walks}.part = @parts.HeldOut()
experiment.Experiment.samples = {{'uniform': @representation.Uniform()}}
"""
FACTOR = """backbone = @factor_vae.FactorVAE
factor_vae.FactorVAE.network = %network
factor_vae.FactorVAE.likelihood = @likelihoods.SquaredError
training.Training.optimisers = {'model': @model/training.Optimiser(), 'discriminator': @discriminator/training.Optimiser()}
discriminator/training.Optimiser.learning_rate = 1e-4
"""
PIECES = {
    "forward": ["forward_vae"],
    "dforward": ["group_backbone", "supervised_group_vae"],
    "rgrvae released": ["group_backbone", "rgrvae_released"],
    "rgrvae expected": ["group_backbone", "rgrvae_expected"],
    "rgrvae": ["group_backbone", "rgrvae_responsibilities"],
}


def written(tmp_path, name, world):
    models = "".join(f"include 'configs/models/{piece}.gin'\n" for piece in PIECES[name])
    imports = "from datasets import batches\nfrom experiments import experiment\nimport representation\n"
    text = HEAD.format(world=world).replace("include", imports + "include", 1) + models + TAIL.format(walks=WALKS[world])
    path = tmp_path / "toy.gin"
    path.write_text(text + (STEPS if world == "flatland_torus" else ""), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("world", WALKS)
def test_pieces_make_an_experiment(tmp_path, name, world):
    overrides = ["representation.Uniform.rows = 50"]
    with open_experiment(written(tmp_path, name, world), overrides) as opened:
        experiment = opened.experiment
        model = build(experiment, 0)
        batch = experiment.source.draw(4, stream(0, "data", 0))
        model.check(batch)
        assert set(experiment.training.optimisers) == set(model.players())
        assert torch.isfinite(model.losses(batch, 0, "model").objective)
        groups = {"vae", "policy", "elements"} if isinstance(model, RGrVAE) else {"vae", "elements"}
        assert set(model.players()["model"].groups) == groups
        assert set(experiment.training.optimisers["model"].learning_rates) <= groups
        held_out = experiment.model_scores["action_confusion"]
        assert held_out(model, experiment.source, stream(0, "score"), rows=64).rows


def test_a_backbone_of_two_players_brings_its_discriminator(tmp_path):
    path = tmp_path / "factor.gin"
    text = Path(written(tmp_path, "rgrvae", "flatland_torus")).read_text(encoding="utf-8")
    text = text.replace(
        "from datasets import batches\n", "from datasets import batches\nfrom models import factor_vae\nfrom models import likelihoods\n"
    )
    text = text.replace("include 'configs/models/group_backbone.gin'\n", "")
    path.write_text(
        text.replace("import representation\n", "import representation\nfrom training import training\n") + FACTOR, encoding="utf-8"
    )
    with open_experiment(str(path)) as opened:
        model = build(opened.experiment, 0)
        assert list(model.players()) == ["model", "discriminator"] == list(opened.experiment.training.optimisers)
        batch = opened.experiment.source.draw(4, stream(0, "data", 0))
        assert all(torch.isfinite(model.losses(batch, 0, player).objective) for player in model.players())


def test_the_pictures_of_a_stage_show_what_its_actions_do(tmp_path):
    run = RunFolder(tmp_path / "output", "toy", 0)
    folder = run.stage("trained")
    folder.figures.mkdir(parents=True)
    with open_experiment(written(tmp_path, "rgrvae", "flatland_torus")) as opened:
        model = build(opened.experiment, 0)
        draw_actions(folder, run, opened.experiment, model.backbone, torch.device("cpu"))
        assert isinstance(model.backbone, VAE) and not list(folder.figures.iterdir())
        draw_actions(folder, run, opened.experiment, model, torch.device("cpu"))
    assert {path.name for path in folder.figures.iterdir()} == {"actions.png", "actions.gif", "orbits.png"}

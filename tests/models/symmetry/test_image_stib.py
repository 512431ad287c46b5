"""STIB for images: its targets as numbers, its objective, its players, what it is scored by, and a whole run on squares."""

import json
import sys
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

from datasets.batches import Observed
from datasets.factor_space import FactorSpace
from datasets.views import Single, WeakPairs
from experiments.symmetry_pictures import draw_swaps
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.of_models.image_targets import image_targets
from models.autoencoder import Autoencoder
from models.likelihoods import CrossEntropy
from models.model import Posterior
from models.networks import EfficientNetwork
from models.symmetry.image_stib import ImageSTIB
from models.symmetry.target_numbers import TargetNumbers
from results.run_folder import RunFolder
from tests.toys import Squares
from training.noise import noise

SOURCE = Observed(Squares(), Single(), targets=("x", "y"))
NETWORK = partial(EfficientNetwork, latent_dimensions=4, filters=8)


def built(source=SOURCE, **settings):
    settings = {"target_dimensions": 2, **settings}
    with noise(0, "init"):
        return ImageSTIB(source.spec, network=NETWORK, likelihood=CrossEntropy, **settings)


def numbers(sizes, kinds, values):
    space = FactorSpace(tuple(f"f{i}" for i in range(len(sizes))), sizes, kinds)
    return TargetNumbers(space), TargetNumbers(space)(torch.as_tensor(values))


@pytest.mark.parametrize(
    ("size", "kind", "width", "spanned"),
    [(6, "ordinal", 1, 1), (2, "ordinal", 1, 1), (8, "circular", 2, 2), (2, "circular", 1, 1), (3, "categorical", 3, 2)],
)
def test_targets_have_mean_0_and_variance_1(size, kind, width, spanned):
    maker, made = numbers((size,), (kind,), torch.arange(size)[:, None])
    assert made.shape == (size, width) == (size, len(maker)) and maker.combinations == size
    torch.testing.assert_close(made.mean(0), torch.zeros(width), atol=1e-6, rtol=0)
    torch.testing.assert_close(made.square().mean(0), torch.ones(width))
    assert len(torch.unique(made, dim=0)) == size and torch.linalg.matrix_rank(made, tol=1e-4) == spanned


def test_orders_circles_and_names_are_kept():
    maker, made = numbers((5, 4, 3), ("ordinal", "circular", "categorical"), [[0, 0, 0], [1, 1, 1], [4, 3, 2]])
    assert maker.columns == {"f0": slice(0, 1), "f1": slice(1, 3), "f2": slice(3, 6)}
    assert made[0, 0] < made[1, 0] < made[2, 0] and float(made[2, 0]) == pytest.approx(2**0.5)
    torch.testing.assert_close((made[1, 1:3] - made[0, 1:3]).norm(), (made[2, 1:3] - made[0, 1:3]).norm())  # 1 and 3 are beside 0
    assert made[1, 3:].argmax() == 1
    _, continuous = numbers((0,), ("continuous",), torch.tensor([[2.5], [-1.0]]))
    assert continuous.tolist() == [[2.5], [-1.0]]


def test_the_objective_is_the_sum_of_its_weighed_terms():
    model = built(beta=2.0, target_weight=30.0, invariance_weight=70.0)
    losses = model.losses(SOURCE.draw(32, stream(0, "batch")), 0, "minimiser")
    t = losses.terms
    expected = t["reconstruction"] + 2 * t["kl"] + 30 * t["y_loss"] + 70 * t["information"]
    torch.testing.assert_close(losses.objective, expected)
    found = model.losses(SOURCE.draw(32, stream(0, "batch")), 0, "maximiser")
    torch.testing.assert_close(found.objective, 0.01 * found.terms["back"] - found.terms["information"])


def test_each_player_moves_its_own_part_and_noise_is_shared_by_all_images():
    model, batch = built(), SOURCE.draw(16, stream(0, "batch"))
    torch.autograd.backward(model.losses(batch, 0, "maximiser").objective)
    moved = {name.partition(".")[0] for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert moved == {"invariance", "forward_map", "back_map"}
    assert not any("log_variance" in name for name in model.state_dict())
    posterior = model.encode(batch.observations[:, 0])
    assert posterior.log_variance.shape == (16, 4) and len(posterior.log_variance.unique(dim=0)) == 1
    codes = posterior.mean.detach()
    changed = torch.cat([codes[:, :2] + 1, codes[:, 2:]], 1)
    torch.testing.assert_close(model.predict(changed), model.predict(codes))


def test_pairs_of_images_count_as_images():
    source = Observed(Squares(), WeakPairs(), targets=("texture",))
    model = built(source)
    assert model.forward_map(torch.zeros(3, 2)).shape == (3, 1)  # two textures span one dimension
    assert torch.isfinite(model.losses(source.draw(8, stream(0, "batch")), 0, "minimiser").objective)


def test_what_cannot_be_split_is_refused():
    with pytest.raises(UserError, match="needs targets"):
        built(Observed(Squares(), Single()))
    with pytest.raises(UserError, match="no part of 4"):
        built(target_dimensions=4)
    with pytest.raises(UserError, match="f0 takes one value"):
        numbers((1,), ("ordinal",), [[0]])


def test_the_adversary_is_led_off_and_finds_nothing_where_there_is_nothing():
    """With the code held, the adversary finds the position in a code that has it, and not in one that is noise."""
    found = {}
    for name in ("position", "noise"):
        model = built(memory=0.9)
        optimiser = torch.optim.Adam(model.players()["maximiser"].parameters, 1e-2)
        for step in range(120):
            batch = SOURCE.draw(64, stream(0, "batch", step))
            targets = model.numbers(batch.targets[:, 0])
            with noise(0, "noise", step):
                z0 = targets.square() + 0.1 * torch.randn_like(targets) if name == "position" else torch.randn_like(targets)
                mapped = model.forward_map(targets)
                information = model._information(torch.cat([z0, z0], 1), mapped)
            optimiser.zero_grad()
            (-information).backward()
            optimiser.step()
        found[name] = float(information.detach())
    assert found["position"] > 3 * found["noise"] > -1 and found["position"] > 1


def test_scores_of_a_model_that_is_right_by_construction():
    """A code of texture and position from which the image is looked up: no error, and a swap leaves the position where it was."""
    squares = Squares()

    class Exact(ImageSTIB):
        def encode(self, observations):
            flat = torch.from_numpy(squares.images).flatten(1)
            index = torch.cdist(observations.flatten(1), flat).argmin(1)
            factors = torch.from_numpy(squares.factors[index.numpy()]).float()
            return Posterior(torch.cat([factors[:, :1], torch.zeros(len(factors), 1), factors[:, 1:]], 1))

        def decode(self, codes):
            texture, _, x, y = codes.round().long().unbind(1)
            return torch.from_numpy(squares.images[(texture * 36 + x * 6 + y).numpy()])

        def predict(self, codes):
            return self.numbers(codes[:, 2:])

    with noise(0, "init"):
        model = Exact(SOURCE.spec, network=NETWORK, likelihood=CrossEntropy, target_dimensions=2)
    rows = {(row.metric, row.factor): row.value for row in image_targets(model, SOURCE, stream(0, "s"), images=256).rows}
    assert rows["x_mae", None] == rows["y_mae", None] == rows["symmetry_error", None] == rows["y_mae", "x"] == 0
    assert 1 < rows["symmetry_motion", None] < 12  # half of the squares change their texture, 12 pixels
    plain = Autoencoder(SOURCE.spec, network=NETWORK, likelihood=CrossEntropy)
    assert "no target" in image_targets(plain, SOURCE, stream(0, "s")).refusals[0].reason


def test_swaps_hold_z0_along_lines_and_z1_along_columns(tmp_path):
    class Split(torch.nn.Module):
        blocks = {"invariant": slice(0, 1), "target": slice(1, 2)}

        def encode(self, images):
            return Posterior(images[:, 0, 0, :2])

        def decode(self, codes):
            return codes.mean(1).view(-1, 1, 1, 1).expand(-1, 1, 8, 8)

    images = torch.rand(20, 1, 8, 8)
    folder = RunFolder(tmp_path, "e", 0).stage("trained")
    draw_swaps(folder, images, Split(), torch.device("cpu"))
    picture = np.asarray(Image.open(folder.figure("swaps.png")))[..., 0]
    tile = 128 + 4
    left = picture.shape[1] - 8 * tile
    for line, column in ((0, 0), (2, 5), (6, 6)):
        shown = picture[4 + (line + 1) * tile + 64, left + (column + 1) * tile + 64]
        expected = (images[line, 0, 0, 0] + images[7 + column, 0, 0, 1]) / 2
        assert abs(int(shown) - 255 * float(expected)) <= 1


def test_a_whole_run_scores_blocks_and_draws_swaps(tmp_path, monkeypatch):
    from train_and_transfer_model import main

    config = tmp_path / "squares.gin"
    config.write_text(
        "from __gin__ import dynamic_registration\nfrom datasets import batches\nfrom models import networks\nfrom tests import toys\n"
        "include 'configs/models/image_stib.gin'\ninclude 'configs/scores_blocks.gin'\nbatches.Observed.dataset = @toys.Squares()\n"
        "batches.Observed.targets = ('x', 'y')\nnetwork = @networks.EfficientNetwork\n"
        "networks.EfficientNetwork.latent_dimensions = 4\nnetworks.EfficientNetwork.filters = 8\nsteps = 6\nrest = 2\nrows = 300\n"
    )
    command = ["train_and_transfer_model.py", "--source", str(config), "--seed", "0", "--output", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", command)
    main()
    folder = tmp_path / "out/squares/0"
    rows = json.loads((folder / "scores.json").read_text())
    blocks = {(row["metric"], row["setting"].get("block"), row["factor"]) for row in rows}
    assert {("ksg", block, factor) for block in ("invariant", "target") for factor in ("texture", "x", "y")} <= blocks
    assert {("omes", None, "x"), ("omes", "invariant", "x"), ("omes_null", "invariant", None), ("y_mae", None, "x")} <= blocks
    assert (folder / "figures/swaps.png").is_file() and (folder / "figures/association_invariant.png").is_file()

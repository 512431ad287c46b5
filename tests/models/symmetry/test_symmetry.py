"""STIB and its baselines: the law, the losses against brute force, the two players, the scores."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from datasets.batches import Batch, BatchSpec
from datasets.spiral import Spiral, SpiralTestSet
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.of_models.learned_symmetry import learned_symmetry
from metrics.of_models.target_scores import target_scores, total_on_validation
from models.model import Posterior
from models.perceptron import Perceptron, Softplus
from models.symmetry.conditional import ConditionalBottleneck, ConditionalVAE, pairwise_divergence
from models.symmetry.predicting_vae import PredictingVAE
from models.symmetry.stib import STIB, GaussianInformation, GrowingWeight, UnregularisedSTIB
from tests.toys import MemoryJournal
from training.fit import fit
from training.noise import noise
from training.training import Optimiser, Training

SPEC = Spiral.spec
MODELS = {
    "vae": lambda: PredictingVAE(SPEC),
    "without adversary": lambda: UnregularisedSTIB(SPEC, growth=GrowingWeight()),
    "stib": lambda: STIB(SPEC, growth=GrowingWeight()),
    "cvae": lambda: ConditionalVAE(SPEC),
    "cvib": lambda: ConditionalBottleneck(SPEC),
}
TEST_SET = SpiralTestSet(root="")


def trained(name, steps, seed=0, journal=None, rate=1e-3):
    with noise(seed, "init"):
        model = MODELS[name]()
    optimisers = {player: Optimiser(rate) for player in model.players()}
    journal = journal or MemoryJournal()
    fit(model, Spiral(), Training(steps, 60, optimisers, report_every=10), journal, 0, device=torch.device("cpu"))
    return model, journal


def test_the_law_has_the_moments_that_follow_from_it():
    batch = Spiral().draw(200_000, stream(0, "law"))
    x, y = batch.observations[:, 0].double(), batch.targets[:, 0].double()
    assert float(x.abs().max()) <= 4 and float(x.var()) == pytest.approx(16 / 3, rel=0.01)
    t = 2 * x[:, 0] + x[:, 1]
    # |y|^2 = (0.55 t)^2 + noise: Var(t) = 5 * 16/3 + 0.01, twice 0.04 of noise.
    assert float(y.square().sum(1).mean()) == pytest.approx(0.55**2 * (80 / 3 + 0.01) + 0.08, rel=0.02)
    clean = 0.55 * t[:, None] * torch.stack([t.cos(), t.sin()], 1)
    assert float((y - clean).abs().mean()) < 0.35


def test_the_published_test_set_is_read_where_it_is(tmp_path):
    reference = Path(os.environ.get("FOVEA_REFERENCE", "")) / "stib_testset.npz"
    if not reference.is_file():
        pytest.skip("FOVEA_REFERENCE does not name the folder of the published test set")
    (tmp_path / "stib").mkdir()
    (tmp_path / "stib/stib_testset.npz").write_bytes(reference.read_bytes())
    published = SpiralTestSet(root=str(tmp_path))
    assert published.provenance.startswith("published file") and len(published.factors) == 10_000
    factors = published.factors[np.arange(10_000)]
    ours = TEST_SET.factors[np.arange(10_000)]
    np.testing.assert_allclose(factors.std(axis=0), ours.std(axis=0), rtol=0.03)
    (tmp_path / "stib/stib_testset.npz").write_bytes(b"PK broken")
    with pytest.raises(UserError, match="must hold the arrays x, y and t"):
        len(SpiralTestSet(root=str(tmp_path)).factors)


def test_softplus_and_its_gradient_equal_torch():
    values = torch.cat([torch.linspace(-30, 30, 2001), torch.tensor([0.0, -80.0, 80.0])]).requires_grad_()
    ours = Softplus()(values)
    torch.testing.assert_close(ours, torch.nn.functional.softplus(values), atol=2e-7, rtol=1e-6)
    (gradient,) = torch.autograd.grad(ours.sum(), values)
    torch.testing.assert_close(gradient, torch.sigmoid(values))


@torch.no_grad()
def test_perceptrons_start_as_published():
    net = Perceptron(2, 3)
    linear = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    assert [tuple(layer.weight.shape) for layer in linear] == [(256, 2), (256, 256), (3, 256)]
    assert all(torch.all(layer.bias == 0) for layer in linear)
    assert float(linear[1].weight.abs().max()) <= (6 / 512) ** 0.5
    assert all(layer.bias is None for layer in Perceptron(2, 3, bias=False) if isinstance(layer, torch.nn.Linear))


def test_pairwise_divergence_equals_the_double_loop():
    posterior = Posterior(3 * torch.randn(7, 2, dtype=torch.float64) + 5, torch.randn(7, 2, dtype=torch.float64))
    normals = [Normal(m, torch.exp(v / 2)) for m, v in zip(posterior.mean, posterior.log_variance, strict=True)]
    expected = sum(kl_divergence(p, q).sum() for p in normals for q in normals) / 49
    torch.testing.assert_close(pairwise_divergence(posterior), expected, rtol=1e-6, atol=1e-6)


def test_gaussian_information_equals_the_closed_form():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((200_000, 2))
    b = 0.8 * a[:, ::-1] + 0.6 * rng.standard_normal(a.shape)
    information = GaussianInformation(2, 2)
    found = information(torch.from_numpy(a), torch.from_numpy(b))
    assert float(found) == pytest.approx(-2 * np.log(1 - 0.64), abs=0.02)  # two pairs, without the factor 1/2
    assert abs(float(information(torch.from_numpy(a), torch.from_numpy(np.roll(b, 1, axis=0))))) < 1e-3


def test_the_slope_of_the_gaussian_information_is_that_of_its_log_determinants():
    rng = stream(0, "slope")
    a, b = (torch.from_numpy(rng.standard_normal((40, 3))).requires_grad_() for _ in range(2))

    def straight():
        correlation = torch.corrcoef(torch.cat([a, b], 1).T) * 40 / 39 + 1e-6 * torch.eye(6)
        return torch.logdet(correlation[:3, :3]) + torch.logdet(correlation[3:, 3:]) - torch.logdet(correlation)

    information = GaussianInformation(3, 3)(a, b)
    torch.testing.assert_close(information, straight(), rtol=1e-5, atol=1e-6)
    for ours, expected in zip(torch.autograd.grad(information, (a, b)), torch.autograd.grad(straight(), (a, b)), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-7)


def test_the_weight_grows_as_published():
    weight = GrowingWeight()
    assert weight(299) == 0.7 and weight(300) == pytest.approx(0.721) and weight(150_000) == pytest.approx(0.7 * 1.03**500)
    assert GrowingWeight(largest=1000.0)(150_000) == 1000.0


def test_the_players_of_stib_share_the_parameters_out_as_in_the_paper():
    model = MODELS["stib"]()
    minimiser, maximiser = ({id(p) for p in player.parameters} for player in model.players().values())
    assert not minimiser & maximiser and minimiser | maximiser == {id(p) for p in model.parameters()}
    assert {id(p) for p in model.invariance.parameters()} <= maximiser
    batch = Spiral().draw(60, stream(0, "batch"))
    torch.autograd.backward(model.losses(batch, 0, "maximiser").objective)
    assert all(p.grad is None for p in model.encoder.parameters())


def test_the_minimiser_follows_the_published_objective():
    model = MODELS["stib"]()
    losses = model.losses(Spiral().draw(60, stream(0, "batch")), 600, "minimiser")
    x_loss, y_loss, information, kl = (losses.terms[name] for name in ("x_loss", "y_loss", "information", "kl"))
    torch.testing.assert_close(losses.objective, kl + 0.7 * 1.03**2 * (x_loss + y_loss + 400 * information))
    posterior = model.encode(Spiral().draw(60, stream(0, "batch")).observations[:, 0])
    torch.testing.assert_close(kl, posterior.kl().sum(1).mean())


def test_neither_noise_nor_scale_hides_what_the_code_knows():
    batch = Spiral().draw(60, stream(0, "batch"))
    for hiding in (False, True):
        model = MODELS["stib"]()
        model.hiding = hiding
        information = model.losses(batch, 0, "minimiser").terms["information"]
        (pull,) = torch.autograd.grad(information, model.encoder.log_scale, allow_unused=True)
        assert (pull is not None and pull.abs().sum() > 0) == hiding
    model.hiding, model.blur = False, 0.0
    posterior = model.encode(batch.observations[:, 0])
    small = Posterior(1e-3 * posterior.mean, posterior.log_variance)
    torch.testing.assert_close(model.seen(small, small.mean), model.seen(posterior, posterior.mean), rtol=0.02, atol=1e-2)


def test_remembered_correlations_give_the_mean_its_value_and_the_batch_its_gradient():
    rng = stream(0, "batches")
    information = GaussianInformation(1, 1, memory=0.9)
    for _ in range(400):
        common = rng.standard_normal((60, 1))
        a, b = (torch.from_numpy(0.6 * common + 0.8 * rng.standard_normal((60, 1))).requires_grad_() for _ in range(2))
        value = information(a, b)
    alone = GaussianInformation(1, 1)(a, b)
    assert value.item() == pytest.approx(-np.log(1 - 0.36**2), rel=0.35) and value.item() != alone.item()
    remembered, own = torch.autograd.grad(value, a)[0], torch.autograd.grad(alone, a)[0]
    assert torch.cosine_similarity(remembered.ravel(), own.ravel(), dim=0) > 0.99
    information.eval()
    assert information(a, b) == alone


@pytest.mark.parametrize("name", MODELS)
def test_reconstruction_improves_and_a_resumed_run_has_the_same_bits(name):
    whole, journal = trained(name, 60)
    assert journal.rows[60]["x_loss"] < 0.95 * journal.rows[10]["x_loss"]
    _, half = trained(name, 23)
    resumed, _ = trained(name, 60, seed=7, journal=half)
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True))


class Exact(UnregularisedSTIB):
    """Code (x1 - 2 x0, 0, 2 x0 + x1), decoder and predictor exact; with `mistaken` Z1 is x0, which is not what Y depends on."""

    mistaken = False

    def encode(self, observations):
        x0, x1 = observations.unbind(1)
        return Posterior(torch.stack([x1 - 2 * x0, torch.zeros_like(x0), x0 if self.mistaken else 2 * x0 + x1], 1))

    def decode(self, codes, targets=None):
        if self.mistaken:
            return torch.stack([codes[:, 2], codes[:, 0] + 2 * codes[:, 2]], 1)
        x1 = (codes[:, 2] + codes[:, 0]) / 2
        return torch.stack([(codes[:, 2] - x1) / 2, x1], 1)

    def predict(self, codes):
        t = codes[:, 2] if not self.mistaken else codes[:, 0] + 4 * codes[:, 2]
        return 0.55 * t[:, None] * torch.stack([t.cos(), t.sin()], 1)


def test_a_right_symmetry_has_no_error_and_a_wrong_one_has():
    model = Exact(SPEC, growth=GrowingWeight())
    for mistaken in (False, True):
        model.mistaken = mistaken
        rows = {row.metric: row.value for row in learned_symmetry(model, Spiral(), stream(0, "swap"), test_set=TEST_SET).rows}
        assert rows["symmetry_motion"] > 2
        assert rows["symmetry_error"] > 1 if mistaken else rows["symmetry_error"] < 1e-3
    assert "no Z1" in learned_symmetry(MODELS["vae"](), Spiral(), stream(0, "swap"), test_set=TEST_SET).refusals[0].reason


def test_scores_of_a_model_that_is_right_by_construction():
    """X comes back, Y MAE is the noise, and Z0 knows little of Y."""
    exact = Exact(SPEC, growth=GrowingWeight())
    rows = {row.metric: row.value for row in target_scores(exact, Spiral(), stream(0, "scores"), test_set=TEST_SET).rows}
    assert rows["x_mae"] < 1e-5
    assert 0.4 < rows["y_mae"] < 0.6
    assert rows["mi_z0_y"] < 0.6
    exact.blocks = {"invariant": slice(0, 3)}  # with Z1 among them, everything is known
    scores = target_scores(exact, Spiral(), stream(0, "scores"), test_set=TEST_SET)
    assert next(row.value for row in scores.rows if row.metric == "mi_z0_y") > 1.5


def test_models_without_a_predictor_say_so_and_others_are_chosen_by_all_three():
    scores = target_scores(MODELS["cvae"](), Spiral(), stream(0, "scores"), test_set=TEST_SET)
    assert {row.metric for row in scores.rows} == {"x_mae", "mi_z0_y"} and scores.refusals[0].metric == "y_mae"
    validation = SpiralTestSet(validation=True, root="")
    assert not np.array_equal(validation.factors[np.arange(5)], TEST_SET.factors[np.arange(5)])
    assert total_on_validation(MODELS["vae"](), 0, validation_set=validation, rows=500) > 3


def test_images_are_refused():
    with pytest.raises(UserError, match="learns vectors with a target"):
        PredictingVAE(BatchSpec((1, 16, 16)))
    with pytest.raises(UserError, match="together with its target"):
        MODELS["cvae"]().decode(torch.zeros(2, 2))
    assert Batch(torch.zeros(1, 1, 2)).targets is None

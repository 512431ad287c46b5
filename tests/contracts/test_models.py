"""What every model of the project must do: one test per promise, run for each model on each network that it can hold."""

from functools import partial

import pytest
import torch

from datasets.batches import Observed
from datasets.views import Single, WeakPairs
from datasets.walks import ActionWalks
from foundation.randomness import stream
from models import likelihoods
from models.annealed_vae import AnnealedVAE
from models.autoencoder import Autoencoder
from models.dip_vae import DIPVAEI, DIPVAEII
from models.factor_vae import FactorVAE
from models.group_networks import BetaCelebNetwork, BetaShapesNetwork, ForwardNetwork
from models.groups.elements import GroupElements
from models.groups.estimation import ExpectedReward, Reinforce, Responsibilities
from models.groups.forward_vae import ForwardVAE
from models.groups.policy import PolicyNetwork
from models.groups.rgrvae import RGrVAE
from models.groups.supervised import SupervisedGroupVAE
from models.model import Representer
from models.networks import EfficientNetwork, PlainNetwork, PoolingNetwork
from models.schedules import Constant
from models.symmetry.image_stib import ImageSTIB
from models.tc_vae import TCVAE
from models.vae import VAE
from models.weak_vae import WeakVAE
from tests.toys import MemoryJournal, Squares
from training.fit import fit
from training.noise import noise
from training.training import Optimiser, Training

EFFICIENT = partial(EfficientNetwork, latent_dimensions=4, filters=16)
PLAIN = partial(PlainNetwork, latent_dimensions=4, filters=8)
POOLING = partial(PoolingNetwork, latent_dimensions=4)
FORWARD = partial(ForwardNetwork, latent_dimensions=4)
SINGLE, PAIRS = Observed(Squares(), Single()), Observed(Squares(), WeakPairs())
TARGETED = Observed(Squares(), Single(), targets=("x", "y"))
ACTIONS, TWO_ACTIONS = (Observed(Squares(), ActionWalks({"x": 1, "y": 2}, length, ends_only=True)) for length in (1, 2))


def group(kind, vae=VAE, **parts):
    """A group model, whose network and likelihood are those of its backbone."""

    def made(spec, network, likelihood):
        return kind(spec, backbone=partial(vae, network=network, likelihood=likelihood), elements=GroupElements, **parts)

    return made


guessing = partial(group, RGrVAE, policy=PolicyNetwork)
LIKELIHOODS = [
    likelihoods.CrossEntropy,
    likelihoods.ContinuousBernoulli,
    likelihoods.Bernoulli,
    likelihoods.SquaredError,
    likelihoods.Gaussian,
    likelihoods.StructuralSimilarity,
]
MODELS = {
    "autoencoder pooling": (Autoencoder, POOLING, SINGLE),
    "autoencoder efficient": (Autoencoder, EFFICIENT, SINGLE),
    "vae efficient": (VAE, EFFICIENT, SINGLE),
    "vae plain": (VAE, PLAIN, SINGLE),
    "vae beta_shapes": (VAE, partial(BetaShapesNetwork, latent_dimensions=4, width=64), SINGLE),
    "vae beta_celeb": (VAE, partial(BetaCelebNetwork, latent_dimensions=4), SINGLE),
    "vae forward": (VAE, FORWARD, SINGLE),
    "annealed forward": (partial(AnnealedVAE, gamma=10.0, capacity=5.0, lead_in=100), FORWARD, SINGLE),
    "factor forward": (partial(FactorVAE, discriminator_width=32), FORWARD, SINGLE),
    "dip i forward": (DIPVAEI, FORWARD, SINGLE),
    "dip ii forward": (DIPVAEII, FORWARD, SINGLE),
    "tc weighted forward": (TCVAE, FORWARD, SINGLE),
    "tc stratified forward": (partial(TCVAE, estimator="stratified"), FORWARD, SINGLE),
    "group forward vae": (ForwardVAE, FORWARD, ACTIONS),
    "group supervised": (group(SupervisedGroupVAE), FORWARD, ACTIONS),
    "group rgrvae reinforce": (guessing(estimation=Reinforce(regret=True)), FORWARD, TWO_ACTIONS),
    "group rgrvae expected": (guessing(estimation=ExpectedReward()), PLAIN, ACTIONS),
    "group rgrvae responsibilities": (guessing(estimation=Responsibilities(temperature=Constant(0.1), balance=3)), FORWARD, ACTIONS),
    "group rgrvae factor": (guessing(partial(FactorVAE, discriminator_width=32), estimation=ExpectedReward()), FORWARD, ACTIONS),
    "weak labels efficient": (WeakVAE, EFFICIENT, PAIRS),
    "weak labels plain": (WeakVAE, PLAIN, PAIRS),
    "weak argmax plain": (partial(WeakVAE, aggregator="argmax"), PLAIN, Observed(Squares(), WeakPairs(changed=2))),
    "stib efficient": (partial(ImageSTIB, target_dimensions=2, invariance_weight=100.0), EFFICIENT, TARGETED),
}
CPU = torch.device("cpu")
every_model = pytest.mark.parametrize("name", MODELS)
every_vae = pytest.mark.parametrize("name", [name for name in MODELS if not name.startswith(("autoencoder", "stib", "group"))])


def build(name, likelihood=likelihoods.CrossEntropy, seed=0):
    kind, network, source = MODELS[name]
    with noise(seed, "init"):
        return kind(source.spec, network=network, likelihood=likelihood), source


def trained(name, steps, likelihood=likelihoods.CrossEntropy, rate=3e-3):
    model, source = build(name, likelihood)
    players = {player: Optimiser(rate) for player in model.players()}
    journal = MemoryJournal()
    size = 64 if model.couples_batch else 16  # covariances and correlations of 16 rows are mostly chance
    fit(model, source, Training(steps, size, players, report_every=10), journal, 0, device=CPU)
    return model, journal


@every_model
def test_codes_and_images_have_their_shapes(name):
    model, source = build(name)
    assert isinstance(model, Representer)
    images = source.dataset.observations(torch.arange(5).numpy(), None)
    model.eval()
    posterior = model.encode(images)
    expected = model.decode(posterior.mean)
    assert posterior.mean.shape == (5, 4) and expected.shape == images.shape
    assert expected.min() >= 0 and expected.max() <= 1
    assert posterior.kl().shape == (5, 4) and posterior.kl().min() >= 0


@every_model
def test_every_parameter_belongs_to_exactly_one_player(name):
    model, _ = build(name)
    owned = [id(parameter) for player in model.players().values() for parameter in player.parameters]
    assert len(owned) == len(set(owned)) and set(owned) == {id(parameter) for parameter in model.parameters()}


@every_vae
def test_another_model_can_be_built_on_its_objective(name):
    model, source = build(name)
    batch = source.draw(6, stream(0, "data", 0))
    with noise(0, "noise"):
        whole = model.losses(batch, 3, "model")
    with noise(0, "noise"):
        posterior = model.posterior(batch)
        codes = posterior.sample()
        bound = model.bound(posterior, codes, batch.observations.flatten(0, 1), 3)
    assert bound.terms.keys() == whole.terms.keys() >= {"reconstruction", "kl", "elbo"}
    torch.testing.assert_close(bound.objective, whole.objective)
    torch.testing.assert_close(bound.objective, bound.terms["reconstruction"] + model.regulariser(posterior, codes, 3)[0])


@every_model
def test_the_same_seed_gives_the_same_bits(name):
    (first, _), (second, _) = trained(name, 5), trained(name, 5)
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True))


@every_model
def test_the_loss_falls(name):
    _, journal = trained(name, 150)
    assert journal.rows[150]["objective"] < 0.8 * journal.rows[10]["objective"]


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_loss_falls_under_every_likelihood(likelihood):
    _, journal = trained("vae plain", 100, likelihood)
    first, last = journal.rows[10]["reconstruction"], journal.rows[100]["reconstruction"]
    assert last < first - 0.05 * abs(first)

"""FactorVAE: what the shuffle keeps, what the discriminator estimates, and that neither player moves the other."""

import math
from functools import partial

import pytest
import torch

from datasets.batches import Batch, BatchSpec, Observed
from datasets.views import Single
from models.factor_vae import FactorVAE, discriminator, shuffled
from models.likelihoods import SquaredError
from models.networks import PlainNetwork
from tests.toys import MemoryJournal, Squares
from training.fit import fit
from training.training import Optimiser, Training

NETWORK = partial(PlainNetwork, latent_dimensions=4, filters=4)
SPEC = BatchSpec((1, 32, 32))


def build(spec=SPEC, width=32, **settings):
    torch.manual_seed(0)
    return FactorVAE(spec, network=NETWORK, likelihood=SquaredError, discriminator_width=width, **settings)


def test_each_dimension_is_shuffled_over_the_batch_by_itself():
    codes = torch.arange(400.0).reshape(100, 4)
    torch.manual_seed(0)
    mixed = shuffled(codes)
    assert torch.equal(mixed.sort(0).values, codes)
    rows = (mixed // 4).long()
    assert all((rows[:, i] != rows[:, j]).sum() > 80 for i in range(4) for j in range(i))
    assert (mixed[:, 0] != codes[:, 0]).sum() > 80


def test_the_discriminator_is_the_published_one():
    network = discriminator(4, 1000)
    assert [tuple(layer.weight.shape) for layer in network if hasattr(layer, "weight")] == [(1000, 4), *[(1000, 1000)] * 4, (2, 1000)]
    assert {layer.negative_slope for layer in network if hasattr(layer, "negative_slope")} == {0.2}


def test_the_objective_holds_the_mean_difference_of_logits():
    model, batch = build(gamma=3.0, beta=2.0), Batch(torch.rand(5, 1, 1, 32, 32))
    torch.manual_seed(1)
    losses = model.losses(batch, 0, "model")
    torch.manual_seed(1)
    logits = model.discriminator(model.posterior(batch).sample())
    torch.testing.assert_close(losses.terms["total_correlation"], (logits[:, 0] - logits[:, 1]).mean())
    terms = losses.terms
    torch.testing.assert_close(losses.objective, terms["reconstruction"] + 2 * terms["kl"] + 3 * terms["total_correlation"])


def test_the_discriminator_minimises_cross_entropy():
    model, codes = build(), torch.randn(64, 4)
    torch.manual_seed(1)
    losses = model.discrimination(codes)
    torch.manual_seed(1)
    mixed = shuffled(codes)
    expected = 0.5 * sum(
        torch.nn.functional.cross_entropy(model.discriminator(part), torch.full((64,), label)) for label, part in enumerate((codes, mixed))
    )
    torch.testing.assert_close(losses.objective, expected)


@pytest.mark.parametrize(("mover", "other"), [("model", "discriminator"), ("discriminator", "model")])
def test_a_players_step_leaves_the_other_alone(mover, other):
    model, batch = build(), Batch(torch.rand(8, 1, 1, 32, 32))
    players = model.players()
    assert [player.own_batch for player in players.values()] == [False, True]
    optimiser = Optimiser(1e-2).build(players[mover])
    before = {name: [p.clone() for p in player.parameters] for name, player in players.items()}
    torch.autograd.backward(model.losses(batch, 0, mover).objective, inputs=players[mover].parameters)
    assert all(parameter.grad is None for parameter in players[other].parameters)
    assert all(parameter.grad is not None for parameter in players[mover].parameters)
    optimiser.step()
    assert all(torch.equal(p, q) for p, q in zip(players[other].parameters, before[other], strict=True))
    assert all(not torch.equal(p, q) for p, q in zip(players[mover].parameters, before[mover], strict=True))


def test_the_discriminators_objective_has_no_way_to_the_encoder():
    model = build()
    model.losses(Batch(torch.rand(8, 1, 1, 32, 32)), 0, "discriminator").objective.backward()
    assert all(parameter.grad is None for parameter in model.network.parameters())


def test_two_optimisers_train_in_the_loop_and_resume():
    source = Observed(Squares(), Single())
    optimisers = {"model": Optimiser(1e-3), "discriminator": Optimiser(1e-4, betas=(0.5, 0.9))}
    training = Training(9, 16, optimisers, report_every=3, checkpoint_every=4)

    def run(journal, steps):
        model = build(source.spec)
        fit(model, source, training, journal, 0, device=torch.device("cpu"), steps=steps)
        return model.state_dict()

    halves = MemoryJournal()
    run(halves, 4)
    resumed, whole = run(halves, 9), run(MemoryJournal(), 9)
    assert all(torch.equal(value, whole[name]) for name, value in resumed.items())
    assert {"total_correlation", "discriminator.objective", "discriminator.accuracy"} <= set(halves.rows[9])


def test_dependent_codes_are_told_from_their_shuffle_and_their_total_correlation_found():
    """Two standard normal dimensions of correlation 0.9, two independent ones: the total correlation is -log(1 - 0.81) / 2 = 0.83 nats."""
    model = build(width=64)
    player = model.players()["discriminator"]
    optimiser = Optimiser(1e-3, betas=(0.5, 0.9)).build(player)
    torch.manual_seed(0)

    def drawn(size):
        codes = torch.randn(size, 4)
        codes[:, 1] = 0.9 * codes[:, 0] + math.sqrt(1 - 0.81) * codes[:, 1]
        return codes

    for _ in range(800):
        optimiser.zero_grad()
        model.discrimination(drawn(512)).objective.backward()
        optimiser.step()
    with torch.no_grad():
        held_out = drawn(4096)
        logits = model.discriminator(held_out)
        assert model.discrimination(held_out).terms["accuracy"] > 0.7
        assert float((logits[:, 0] - logits[:, 1]).mean()) == pytest.approx(0.83, abs=0.15)

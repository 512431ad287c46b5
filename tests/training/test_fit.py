"""The loop: the same bits after a resume, players that leave each other alone, accumulation, schedules, selection, broken losses."""

from functools import partial

import numpy as np
import pytest
import torch

from datasets.batches import Observed
from datasets.views import Single, WeakPairs
from foundation.errors import UserError
from foundation.randomness import stream
from models.likelihoods import CrossEntropy
from models.networks import EfficientNetwork, PlainNetwork
from models.vae import VAE
from models.weak_vae import WeakVAE
from tests.toys import Adversarial, Exploding, MemoryJournal, Squares
from training.fit import Diverged, Interrupted, fit
from training.noise import noise
from training.start import load_parts
from training.training import Decay, Optimiser, Plateau, Selection, Training

CPU = torch.device("cpu")
ADAM = {"model": Optimiser(1e-3)}
SMALL = partial(PlainNetwork, latent_dimensions=4, filters=4)


def pairs(noisy=True):
    return Observed(Squares(noisy), WeakPairs())


def build(kind, source, seed=0, **settings):
    with noise(seed, "init"):
        return kind(source.spec, **settings)


def weak_vae(source, seed=0, network=SMALL):
    return build(WeakVAE, source, seed, network=network, likelihood=CrossEntropy)


def trained(model, source, training, journal=None, steps=None, **settings):
    journal = journal or MemoryJournal()
    fit(model, source, training, journal, 0, device=CPU, steps=steps, **settings)
    return {name: value.clone() for name, value in model.state_dict().items()}, journal


def assert_same_bits(first, second):
    assert first.keys() == second.keys()
    for name in first:
        assert torch.equal(first[name], second[name]), name


@pytest.mark.parametrize("stop", [1, 13, 20])
def test_a_resumed_run_ends_with_the_same_bits(stop):
    source = pairs()
    training = Training(30, 8, {"model": Optimiser(1e-3, clip_norm=1.0, plateau=Plateau(every=10, patience=0))}, report_every=5)
    whole, one = trained(weak_vae(source, network=partial(EfficientNetwork, filters=8)), source, training, selection=Selection(every=10))
    journal = MemoryJournal()
    trained(weak_vae(source, network=partial(EfficientNetwork, filters=8)), source, training, journal, stop, selection=Selection(every=10))
    torch.manual_seed(int(np.random.default_rng().integers(1 << 30)))
    other = weak_vae(source, seed=99, network=partial(EfficientNetwork, filters=8))
    resumed, _ = trained(other, source, training, journal, selection=Selection(every=10))
    assert_same_bits(whole, resumed)
    if stop % 5 == 0:
        assert one.rows == journal.rows
        assert_same_bits(one.best, journal.best)


def test_two_players_resume_with_the_same_bits():
    source = Observed(Squares(), Single())
    training = Training(20, 8, {"model": Optimiser(1e-2, learning_rates={"rest": 1e-3}), "critic": Optimiser(1e-2)}, report_every=4)
    whole, _ = trained(build(Adversarial, source), source, training)
    journal = MemoryJournal()
    trained(build(Adversarial, source), source, training, journal, 7)
    resumed, _ = trained(build(Adversarial, source, 5), source, training, journal)
    assert_same_bits(whole, resumed)


def test_each_player_moves_only_its_own_parameters():
    source = Observed(Squares(), Single())
    model = build(Adversarial, source)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    still = Optimiser(0.0)
    after, _ = trained(model, source, Training(3, 8, {"model": Optimiser(1e-2), "critic": still}))
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved and all(name.startswith("encoder") for name in moved)
    after_critic, _ = trained(build(Adversarial, source), source, Training(3, 8, {"model": still, "critic": Optimiser(1e-2)}))
    moved = {name for name in before if not torch.equal(before[name], after_critic[name])}
    assert moved == {"critic.weight", "critic.bias"}


def test_frozen_modules_keep_their_running_statistics():
    source = Observed(Squares(), Single())
    after, _ = trained(build(Adversarial, source), source, Training(5, 8, {"model": Optimiser(1e-2), "critic": Optimiser(1e-2)}))
    assert torch.equal(after["still.running_mean"], torch.zeros(4)) and after["still.num_batches_tracked"] == 0


def test_a_player_with_its_own_batch_sees_another_one():
    source = Observed(Squares(), Single())
    seen = {}

    class Looking(Adversarial):
        def losses(self, batch, step, player):
            seen.setdefault(player, batch.observations)
            return super().losses(batch, step, player)

    for own in (True, False):
        seen.clear()
        trained(
            build(partial(Looking, own_batch=own), source), source, Training(1, 8, {"model": Optimiser(1e-2), "critic": Optimiser(1e-2)})
        )
        assert torch.equal(seen["model"], seen["critic"]) != own
        assert torch.equal(seen["model"], source.draw(8, stream(0, "data", 0)).observations)


def test_training_leaves_the_global_generator_alone():
    source = pairs()
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    trained(weak_vae(source), source, Training(2, 4, ADAM))
    assert torch.equal(torch.rand(2), expected)


def test_the_loss_falls():
    source = pairs(noisy=False)
    _, journal = trained(weak_vae(source), source, Training(200, 16, {"model": Optimiser(3e-3)}, report_every=20))
    assert journal.rows[200]["objective"] < 0.75 * journal.rows[20]["objective"]


def test_accumulated_pieces_give_the_gradient_of_the_whole_batch():
    source = Observed(Squares(), Single())

    class Exact(VAE):  # without noise, so that pieces and whole see the same codes
        def posterior(self, batch):
            posterior = super().posterior(batch)
            return type(posterior)(posterior.mean, torch.full_like(posterior.mean, -60.0))

    kind = partial(Exact, network=SMALL, likelihood=CrossEntropy)
    sgd_like = {"model": Optimiser(1e-3, epsilon=1e3)}  # a large epsilon makes Adam's step proportional to the gradient
    whole, one = trained(build(kind, source), source, Training(3, 10, sgd_like, report_every=1))
    pieces, other = trained(build(kind, source), source, Training(3, 10, sgd_like, accumulate=4, report_every=1))
    for name in whole:
        torch.testing.assert_close(whole[name], pieces[name], rtol=1e-5, atol=1e-7)
    assert one.rows[3]["objective"] == pytest.approx(other.rows[3]["objective"], rel=1e-5)


def test_accumulation_warns_where_rows_are_coupled():
    source = pairs()
    model = weak_vae(source, network=partial(EfficientNetwork, filters=8))
    _, journal = trained(model, source, Training(1, 8, ADAM, accumulate=2))
    assert "couples the rows" in journal.warnings[0]


def test_gradients_are_clipped():
    source = pairs()
    sgd_like = {"learning_rate": 1.0, "epsilon": 1e6, "betas": (0.0, 0.0)}
    moves = []
    for clip in (None, 1.0):
        model = weak_vae(source)
        before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])
        trained(model, source, Training(1, 8, {"model": Optimiser(**sgd_like, clip_norm=clip)}))
        moves.append(float((torch.cat([p.detach().flatten() for p in model.parameters()]).double() - before.double()).norm()) * 1e6)
    assert moves[0] > 2 and moves[1] == pytest.approx(1, rel=0.2)


def test_plateau_lowers_the_rate_and_a_resume_keeps_it():
    source = pairs()
    stuck = Optimiser(1e-9, plateau=Plateau(every=5, factor=0.1, patience=0, threshold=0.5, least=1e-30))
    _, journal = trained(weak_vae(source), source, Training(20, 4, {"model": stuck}, report_every=5))
    rates = [journal.rows[step]["learning_rate"] for step in (5, 10, 15, 20)]
    assert rates == pytest.approx([1e-9, 1e-9, 1e-10, 1e-11])
    fit(weak_vae(source), source, Training(25, 4, {"model": stuck}, report_every=5), journal, 0, device=CPU)
    assert journal.rows[25]["learning_rate"] == pytest.approx(1e-12)


def test_a_group_decays_until_it_is_held_and_a_resume_goes_on_decaying():
    def run(steps, journal=None):
        optimisers = {"model": Optimiser(1e-2, decays={"first": Decay(4, 8)}), "critic": Optimiser(1e-2)}
        source = pairs()
        with noise(0, "init"):
            model = Adversarial(source.spec)
        return trained(model, source, Training(steps, 8, optimisers, report_every=1), journal)

    whole, journal = run(12)
    assert [journal.rows[step]["learning_rate"] for step in (4, 5, 6, 8, 9)] == pytest.approx([1e-2, 1e-2, 7.5e-3, 2.5e-3, 0])
    assert journal.rows[9]["learning_rate.rest"] == 1e-2
    at_rest, half = run(8)
    resumed, _ = run(12, half)
    assert_same_bits(whole, resumed)
    moved = {name for name, value in at_rest.items() if not torch.equal(value, resumed[name])}
    assert "encoder.1.weight" not in moved and {"encoder.1.bias", "encoder.3.weight", "critic.weight"} <= moved


def test_a_changed_rate_is_taken_over_on_resume():
    source = pairs()
    _, journal = trained(weak_vae(source), source, Training(5, 4, ADAM, report_every=5))
    trained(weak_vae(source), source, Training(10, 4, {"model": Optimiser(5e-4)}, report_every=5), journal)
    assert journal.rows[10]["learning_rate"] == pytest.approx(5e-4)


def test_selection_keeps_the_best_window_by_objective_or_criterion():
    source = pairs()
    values = iter(np.array([3.0, 1.0, 2.0]))
    criterion = Selection(every=5, criterion=lambda model, seed: next(values))
    _, journal = trained(weak_vae(source), source, Training(15, 4, ADAM, report_every=5), selection=criterion)
    assert journal.best_steps == [5, 10] and type(journal.state["best"]) is float  # a checkpoint of plain numbers can be read again
    _, journal = trained(
        weak_vae(source), source, Training(40, 8, {"model": Optimiser(3e-3)}, report_every=10), selection=Selection(every=10)
    )
    lowest = min(journal.rows, key=lambda step: journal.rows[step]["objective"])
    assert journal.best_steps[-1] == lowest


@pytest.mark.parametrize("last", [9.0, float("nan")])
def test_a_training_that_leaves_its_best_far_behind_is_stopped_and_the_best_weights_kept(last):
    source, journal = pairs(), MemoryJournal()
    values = iter([3.0, 1.0, 2.0, last])
    selection = Selection(every=5, criterion=lambda model, seed: next(values), alarm=5.0)
    with pytest.raises(
        Diverged, match="came to (9|nan) at step 20, after 1 at its best; the best weights and the last checkpoint are kept"
    ):
        trained(weak_vae(source), source, Training(40, 4, ADAM, report_every=5, checkpoint_every=15), journal, selection=selection)
    assert journal.best_steps == [5, 10] and journal.state["step"] == 15


def test_a_run_shorter_than_its_window_has_best_weights_too():
    source = pairs()
    weights, journal = trained(weak_vae(source), source, Training(3, 4, ADAM, report_every=5), selection=Selection(every=10))
    assert_same_bits(weights, journal.best)


def test_a_term_that_is_not_finite_is_named_with_its_step_and_the_checkpoint_kept():
    source = Observed(Squares(), Single())
    journal = MemoryJournal()
    training = Training(20, 2, ADAM, report_every=5, checkpoint_every=5)
    with pytest.raises(Diverged, match=r"fuse was not finite at step 7.*--accept_change"):
        trained(build(Exploding, source), source, training, journal)
    assert journal.state["step"] == 5 and all(torch.isfinite(value).all() for value in journal.state["model"].values())


def test_pixels_out_of_range_are_refused_before_the_first_step():
    source = Observed(Squares(scale=255.0), WeakPairs())
    with pytest.raises(UserError, match=r"pixels in \[0, 1\]"):
        trained(weak_vae(source), source, Training(1, 4, ADAM))


def test_players_without_optimisers_are_refused():
    source = Observed(Squares(), Single())
    with pytest.raises(UserError, match="has the players model, critic"):
        trained(build(Adversarial, source), source, Training(1, 4, ADAM))
    with pytest.raises(UserError, match="the groups are first, rest"):
        rates = {"model": Optimiser(1e-3, learning_rates={"frist": 1.0}), "critic": Optimiser(1e-3)}
        trained(build(Adversarial, source), source, Training(1, 4, rates))


def test_an_interruption_saves_and_goes_on():
    source = pairs()
    training = Training(10, 4, ADAM, report_every=5)
    journal, calls = MemoryJournal(), []

    def asked():
        calls.append(1)
        return len(calls) == 3

    with pytest.raises(Interrupted, match="step 3"):
        trained(weak_vae(source), source, training, journal, interrupted=asked)
    assert journal.state["step"] == 3
    resumed, _ = trained(weak_vae(source, 8), source, training, journal)
    whole, _ = trained(weak_vae(source), source, training)
    assert_same_bits(resumed, whole)


def test_another_run_can_hand_over_its_optimiser_and_its_rate():
    source = pairs()
    _, first = trained(weak_vae(source), source, Training(5, 4, ADAM, report_every=5))
    training = Training(6, 4, {"model": Optimiser(1e-4)}, report_every=3)
    kept = {"optimiser_start": first.state["optimisers"]}
    with_state, journal = trained(weak_vae(source), source, training, **kept)
    fresh, _ = trained(weak_vae(source), source, training)
    assert journal.rows[3]["learning_rate"] == 1e-3
    assert any(not torch.equal(with_state[name], fresh[name]) for name in fresh)
    journal = MemoryJournal()
    trained(weak_vae(source), source, training, journal, 3, **kept)
    resumed, _ = trained(weak_vae(source, 9), source, training, journal, **kept)
    assert_same_bits(with_state, resumed)


def test_bfloat16_stays_near_float32():
    source = pairs()
    _, exact = trained(weak_vae(source), source, Training(5, 16, ADAM, report_every=5))
    _, rough = trained(weak_vae(source), source, Training(5, 16, ADAM, report_every=5, precision="bfloat16"))
    assert rough.rows[5]["objective"] == pytest.approx(exact.rows[5]["objective"], rel=0.02)
    assert rough.rows[5]["objective"] != exact.rows[5]["objective"]


def test_parts_are_loaded_strictly():
    source, single = pairs(), Observed(Squares(), Single())
    weak = weak_vae(source)
    plain = build(VAE, single, 4, network=SMALL, likelihood=CrossEntropy)
    load_parts(plain, weak.state_dict(), ("network",), "weak")
    assert_same_bits(plain.network.state_dict(), weak.network.state_dict())
    wide = build(VAE, single, 4, network=partial(PlainNetwork, latent_dimensions=5, filters=4), likelihood=CrossEntropy)
    with pytest.raises(UserError, match="configure the same network in both"):
        load_parts(wide, weak.state_dict(), ("network",), "weak")
    with pytest.raises(UserError, match="'policy' of weak does not fit"):
        load_parts(plain, weak.state_dict(), ("policy",), "weak")

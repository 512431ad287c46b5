"""The one training loop: every model of the project, its players in turn, each on its own objective.

Whatever is random is a function of (seed, step): batch t comes from `stream(seed, "data", t)`, the noise of a player's losses from
`noise(seed, "noise", t, player)`. A checkpoint therefore needs weights, optimisers and running means, and no state of any sampler; a
run that was killed and resumed ends with the same bits on the CPU as one that never was.
"""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from datasets.batches import Batch, BatchSource
from foundation.errors import UserError
from models.model import Model
from training.journal import Journal, State
from training.noise import noise
from training.prefetch import Prefetch
from training.terms import RunningTerms
from training.training import Selection, Training
from training.windows import Windows

GO_ON = "go on from it with a lower learning rate: --set 'learning_rate = ...' --accept_change"


class Interrupted(Exception):
    """Training was asked to stop; the checkpoint is written, and the same command goes on from it."""


class Diverged(UserError):
    """A loss or a weight is no longer finite; the last good checkpoint is kept."""


def fit(
    model: Model,
    source: BatchSource,
    training: Training,
    journal: Journal,
    seed: int,
    *,
    device: torch.device,
    steps: int | None = None,
    selection: Selection | None = None,
    optimiser_start: Mapping[str, Any] | None = None,
    interrupted: Callable[[], bool] = lambda: False,
) -> int:
    """Trains `model` from the journal's checkpoint, or from its present weights, up to `steps`; returns the step it is at.

    `optimiser_start` gives optimiser states to begin with, by player (the released transfer keeps the Source's). Raises Diverged at
    the first report after a term was not finite, Interrupted after `interrupted()` said so, and UserError where players and
    optimisers do not match or the first batch is not what the model can learn from.
    """
    run = _Run(model, training, selection, journal, seed, device)
    begun = run.restore(optimiser_start or {})
    last = training.steps if steps is None else steps
    if begun >= last:
        return begun
    with Prefetch(source, training.batch_size, seed, run.batch_keys(), begun, last, device) as prefetch:
        for step in range(begun, last):
            batches = prefetch.batches()
            if step == begun:
                run.check(batches)
            run.step(step, batches)
            done = step + 1
            stopping = done < last and interrupted()
            objective = run.report(done) if done % training.report_every == 0 or done == last else None
            journal.progress(done, last, objective)
            if done % training.checkpoint_every == 0 or done == last or stopping:
                run.save(done, final=done == last)
            if stopping:
                raise Interrupted(f"stopped at step {done:,}")
    return last


class _Run:
    """What changes while a model trains: weights, optimisers, schedules, running means, the best window."""

    def __init__(
        self,
        model: Model,
        training: Training,
        selection: Selection | None,
        journal: Journal,
        seed: int,
        device: torch.device,
    ) -> None:
        self.model, self.training, self.selection = model, training, selection
        self.journal, self.seed, self.device = journal, seed, device
        model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.players = dict(model.players())
        self.first = next(iter(self.players))
        if set(self.players) != set(training.optimisers):
            raise UserError(
                f"{type(model).__name__} has the players {', '.join(self.players)}, but Training.optimisers names "
                f"{', '.join(training.optimisers) or 'none'}"
            )
        settings = training.optimisers
        self.optimisers = {name: settings[name].build(player) for name, player in self.players.items()}
        self.plateaus = {name: setting.plateau for name, setting in settings.items() if setting.plateau is not None}
        self.schedules = {name: plateau.build(self.optimisers[name]) for name, plateau in self.plateaus.items()}
        every = {f"plateau.{name}": plateau.every for name, plateau in self.plateaus.items()}
        self.windows = Windows(every | ({"selection": selection.every} if selection else {}), training.report_every)
        self.terms = RunningTerms(device)
        self.best: float | None = None
        if training.accumulate > 1 and model.couples_batch:
            name = type(model).__name__
            journal.warn(f"{name} couples the rows of a batch: {training.accumulate} accumulated pieces are not the whole batch")
        self._train_mode()

    def batch_keys(self) -> list[tuple[str, ...]]:
        """Streams of a step's batches: one that players share, and one for each that wants its own."""
        own: list[tuple[str, ...]] = [(name,) for name, player in self.players.items() if player.own_batch]
        return own if len(own) == len(self.players) else [(), *own]

    def check(self, batches: Mapping[tuple[str, ...], Batch]) -> None:
        """Lets the model look at its first batches."""
        for batch in batches.values():
            self.model.check(batch)

    def step(self, step: int, batches: Mapping[tuple[str, ...], Batch]) -> None:
        """Moves every player once."""
        reported: dict[str, Tensor] = {}
        for name, player in self.players.items():
            batch = batches[(name,) if player.own_batch else ()]
            setting, optimiser = self.training.optimisers[name], self.optimisers[name]
            shares = setting.shares(player, step)
            moving = [p for group, share in zip(player.groups.values(), shares, strict=True) if share for p in group]
            for parameter in player.parameters:
                parameter.grad = None
            terms = self._backward(step, name, batch, moving)
            reported.update({self._reported_as(name, term): value for term, value in terms.items()})
            setting.clip(moving)
            with _scaled(optimiser, shares):
                optimiser.step()
        self.terms.add(step, reported)

    def _backward(self, step: int, name: str, batch: Batch, parameters: list[torch.nn.Parameter]) -> dict[str, Tensor]:
        """Gradients of one player's objective, for its own parameters only; returns the objective and its terms."""
        pieces = batch.split(self.training.accumulate) if self.training.accumulate > 1 else [batch]
        terms: dict[str, Tensor] = {}
        with noise(self.seed, "noise", step, name, device=self.device):
            for piece in pieces:
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.training.precision == "bfloat16"):
                    losses = self.model.losses(piece, step, name)
                share = len(piece) / len(batch)
                if parameters:
                    torch.autograd.backward(losses.objective * share, inputs=parameters)
                for term, value in {"objective": losses.objective, **losses.terms}.items():
                    terms[term] = terms[term] + value.detach() * share if term in terms else value.detach() * share
        return terms

    def report(self, done: int) -> float:
        """Writes the means since the last report; moves schedules and the selection where their window ends."""
        self._stop_if_broken(done)
        count = self.terms.count
        means = self.terms.means()
        self.journal.report(done, {**means, **self._rates(done - 1)})
        for name, schedule in self.schedules.items():
            objective = means[self._reported_as(name, "objective")]
            mean = self.windows.add(f"plateau.{name}", objective, count, done)
            if mean is not None:
                schedule.step(mean)
        if self.selection is not None:
            mean = self.windows.add("selection", means["objective"], count, done)
            if mean is not None:
                self._select(mean, done)
        return means["objective"]

    def _rates(self, step: int) -> dict[str, float]:
        """The learning rates of a step; those of further groups bear the group's name."""
        rates: dict[str, float] = {}
        for name, player in self.players.items():
            shares = self.training.optimisers[name].shares(player, step)
            for place, (group, share) in enumerate(zip(player.groups, shares, strict=True)):
                term = f"learning_rate.{group}" if place else "learning_rate"
                rates[self._reported_as(name, term)] = self.optimisers[name].param_groups[place]["lr"] * share
        return rates

    def save(self, done: int, final: bool) -> None:
        """Writes a checkpoint, unless something is broken."""
        self._stop_if_broken(done)
        if final and self.selection is not None and self.best is None:
            self.journal.save_best(self.model.state_dict())
        self.journal.save(
            {
                "step": done,
                "model": self.model.state_dict(),
                "optimisers": {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
                "configured_rates": {name: self.training.optimisers[name].rates(player) for name, player in self.players.items()},
                "schedules": {name: schedule.state_dict() for name, schedule in self.schedules.items()},
                "terms": self.terms.state(),
                "windows": self.windows.state(),
                "best": self.best,
            }
        )

    def restore(self, optimiser_start: Mapping[str, Any]) -> int:
        """Goes on from the last checkpoint; returns its step, 0 where there is none."""
        state: State | None = self.journal.load()
        if state is None:
            for name, optimiser in self.optimisers.items():
                if name in optimiser_start:
                    optimiser.load_state_dict(copy.deepcopy(optimiser_start[name]))  # it keeps the tensors and moves them
            return 0
        self.model.load_state_dict(state["model"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
            _rescale(optimiser, self.training.optimisers[name].rates(self.players[name]), state["configured_rates"][name])
        for name, schedule in self.schedules.items():
            if name in state["schedules"]:
                schedule.load_state_dict(state["schedules"][name])
        self.terms.load(state["terms"])
        self.windows.load(state["windows"])
        self.best = state["best"]
        self.journal.resume(state["step"])
        return int(state["step"])

    def _reported_as(self, player: str, term: str) -> str:
        """The first player's terms go by their own names, the others' behind the player's."""
        return term if player == self.first else f"{player}.{term}"

    def _select(self, mean: float, done: int) -> None:
        """Keeps the weights where they are the best so far; raises Diverged where training has left its best far behind."""
        assert self.selection is not None
        value = mean
        if self.selection.criterion is not None:
            self.model.eval()
            value = float(self.selection.criterion(self.model, self.seed))  # a checkpoint holds no numpy
            self._train_mode()
        if not math.isfinite(value) or (self.best is not None and value > self.selection.alarm * abs(self.best)):
            best = "" if self.best is None else f", after {self.best:.4g} at its best; the best weights and"
            raise Diverged(
                f"what weights are chosen by came to {value:.4g} at step {done:,}{best or ';'} the last checkpoint are kept; {GO_ON}"
            )
        if self.best is None or value < self.best:
            self.best = value
            self.journal.save_best(self.model.state_dict())

    def _train_mode(self) -> None:
        self.model.train()
        for module in self.model.frozen:
            module.eval()

    def _stop_if_broken(self, done: int) -> None:
        broken = self.terms.first_broken()
        if broken is None and not all(bool(torch.isfinite(parameter).all()) for parameter in self.model.parameters()):
            broken = ("a weight", done)
        if broken is not None:
            raise Diverged(
                f"{broken[0]} was not finite at step {broken[1]:,}; training stopped, and the last good checkpoint is kept; {GO_ON}"
            )


@contextlib.contextmanager
def _scaled(optimiser: torch.optim.Optimizer, shares: Sequence[float]) -> Iterator[None]:
    """Learning rates times `shares`, for one step: plateaus and checkpoints know the rates before any decay."""
    rates = [group["lr"] for group in optimiser.param_groups]
    for group, share in zip(optimiser.param_groups, shares, strict=True):
        group["lr"] *= share
    yield
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate


def _rescale(optimiser: torch.optim.Optimizer, configured: list[float], before: list[float]) -> None:
    """Applies a changed learning rate to a restored optimiser, and keeps what its schedule had made of the old one."""
    for group, now, then in zip(optimiser.param_groups, configured, before, strict=True):
        if now != then:
            group["lr"] *= now / then

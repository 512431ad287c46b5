"""The one training loop: every model of the project, its players in turn, each on its own objective.

Whatever is random is a function of (seed, step): batch t comes from `stream(seed, "data", t)`, the noise of a player's losses from
`noise(seed, "noise", t, player)`. A checkpoint therefore needs weights, optimisers and running means, and no state of any sampler;
a run that was killed and resumed ends with the same bits on the CPU as one that never was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from datasets.batches import Batch, BatchSource
from foundation.errors import UserError
from models.model import Model
from training.journal import Journal
from training.noise import noise
from training.prefetch import Prefetch
from training.terms import RunningTerms
from training.training import Selection, Training


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

    `optimiser_start` gives optimiser states to begin with, by player (the released transfer keeps the Source's).

    Raises Diverged at the first report after a term was not finite, Interrupted after `interrupted()` said so, and UserError
    where players and optimisers do not match or the first batch is not what the model can learn from.
    """
    run = _Run(model, training, selection, journal, seed, device)
    step = run.restore(optimiser_start or {})
    last = training.steps if steps is None else steps
    if step >= last:
        return step
    keys = run.batch_keys()
    with Prefetch(source, training.batch_size, seed, keys, step, last, device) as prefetch:
        for step in range(step, last):
            batches = prefetch.batches()
            run.step(step, batches)
            done = step + 1
            stopping = done < last and interrupted()
            objective = run.report(done) if done % training.report_every == 0 or done == last else None
            journal.progress(done, last, objective)
            if done % training.checkpoint_every == 0 or done == last or stopping:
                run.save(done, final=done == last)
            if stopping:
                raise Interrupted(f"stopped at step {done}")
    return last


class _Run:
    """What changes while a model trains: weights, optimisers, schedules, running means, the best window."""

    def __init__(
        self, model: Model, training: Training, selection: Selection | None, journal: Journal, seed: int, device: torch.device
    ) -> None:
        self.model, self.training, self.selection, self.journal, self.seed, self.device = model, training, selection, journal, seed, device
        model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.players = dict(model.players())
        if set(self.players) != set(training.optimisers):
            raise UserError(
                f"{type(model).__name__} has the players {', '.join(self.players)}, but Training.optimisers names "
                f"{', '.join(training.optimisers) or 'none'}"
            )
        self.optimisers = {name: training.optimisers[name].build(player) for name, player in self.players.items()}
        self.schedules = {
            name: setting.plateau.build(self.optimisers[name]) for name, setting in training.optimisers.items() if setting.plateau
        }
        for window in [selection, *(setting.plateau for setting in training.optimisers.values())]:
            if window is not None and window.every % training.report_every:
                raise UserError(f"a window of {window.every} steps is no multiple of report_every = {training.report_every}")
        if training.accumulate > 1 and model.couples_batch:
            journal.warn(f"{type(model).__name__} couples the rows of a batch: {training.accumulate} accumulated pieces are not the whole batch")
        self.terms = RunningTerms(device)
        self.windows: dict[str, list[float]] = {}
        self.best: float | None = None
        self.checked = False
        model.train()
        for module in model.frozen:
            module.eval()

    def batch_keys(self) -> list[tuple[str, ...]]:
        """Streams of a step's batches: one that players share, and one for each that wants its own."""
        own: list[tuple[str, ...]] = [(name,) for name, player in self.players.items() if player.own_batch]
        return own if len(own) == len(self.players) else [(), *own]

    def step(self, step: int, batches: Mapping[tuple[str, ...], Batch]) -> None:
        """Moves every player once."""
        if not self.checked:
            for batch in batches.values():
                self.model.check(batch)
            self.checked = True
        reported: dict[str, torch.Tensor] = {}
        for place, (name, player) in enumerate(self.players.items()):
            batch = batches[(name,) if player.own_batch else ()]
            parameters = player.parameters
            for parameter in parameters:
                parameter.grad = None
            prefix = f"{name}." if place else ""
            with noise(self.seed, "noise", step, name, device=self.device):
                for piece in batch.split(self.training.accumulate) if self.training.accumulate > 1 else [batch]:
                    with torch.autocast(self.device.type, torch.bfloat16, enabled=self.training.precision == "bfloat16"):
                        losses = self.model.losses(piece, step, name)
                    share = len(piece) / len(batch)
                    (losses.objective * share).backward(inputs=parameters)
                    for term, value in {"objective": losses.objective, **losses.terms}.items():
                        reported[prefix + term] = reported.get(prefix + term, 0) + value.detach() * share
            setting = self.training.optimisers[name]
            setting.clip(parameters)
            self.optimisers[name].step()
        self.terms.add(step, reported)

    def report(self, done: int) -> float:
        """Writes the means since the last report; moves schedules and the selection where their window ends."""
        self._stop_if_broken(done)
        count = self.terms.count
        means = self.terms.means()
        rates = {
            f"learning_rate.{name}" if len(self.optimisers) > 1 else "learning_rate": o.param_groups[0]["lr"] for name, o in self.optimisers.items()
        }
        self.journal.report(done, {**means, **rates})
        for name, schedule in self.schedules.items():
            plateau = self.training.optimisers[name].plateau
            objective = means["objective" if name == next(iter(self.players)) else f"{name}.objective"]
            if plateau is not None and (mean := self._window(name, objective, count, done, plateau.every)) is not None:
                schedule.step(mean)
        if self.selection is not None:
            mean = self._window("selection", means["objective"], count, done, self.selection.every)
            if mean is not None:
                self._select(mean)
        return means["objective"]

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
                "windows": self.windows,
                "best": self.best,
            }
        )

    def restore(self, optimiser_start: Mapping[str, Any]) -> int:
        """Goes on from the last checkpoint; returns its step, 0 where there is none."""
        state = self.journal.load()
        if state is None:
            for name, optimiser in self.optimisers.items():
                if name in optimiser_start:
                    optimiser.load_state_dict(optimiser_start[name])
            return 0
        self.model.load_state_dict(state["model"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
            _rescale(optimiser, self.training.optimisers[name].rates(self.players[name]), state["configured_rates"][name])
        for name, schedule in self.schedules.items():
            if name in state["schedules"]:
                schedule.load_state_dict(state["schedules"][name])
        self.terms.load(state["terms"])
        self.windows = {name: list(window) for name, window in state["windows"].items()}
        self.best = state["best"]
        self.journal.resume(state["step"])
        return int(state["step"])

    def _window(self, name: str, mean: float, count: int, done: int, every: int) -> float | None:
        """Adds a report's mean to a window of steps; the window's mean where it ends here."""
        total, steps = self.windows.get(name, [0.0, 0])
        self.windows[name] = [total + mean * count, steps + count]
        if done % every:
            return None
        total, steps = self.windows.pop(name)
        return total / steps

    def _select(self, mean: float) -> None:
        assert self.selection is not None
        value = mean
        if self.selection.criterion is not None:
            self.model.eval()
            value = self.selection.criterion(self.model, self.seed)
            self.model.train()
            for module in self.model.frozen:
                module.eval()
        if self.best is None or value < self.best:
            self.best = value
            self.journal.save_best(self.model.state_dict())

    def _stop_if_broken(self, done: int) -> None:
        broken = self.terms.first_broken()
        if broken is None and not all(bool(torch.isfinite(parameter).all()) for parameter in self.model.parameters()):
            broken = ("a weight", done)
        if broken is not None:
            raise Diverged(
                f"{broken[0]} was not finite at step {broken[1]}; training stopped and the last good checkpoint is kept. Go on from it with a "
                "lower learning rate: --set 'Optimiser.learning_rate = ...' --accept_change"
            )


def _rescale(optimiser: torch.optim.Optimizer, configured: list[float], before: list[float]) -> None:
    """Applies a changed learning rate to a restored optimiser, and keeps what its schedule had made of the old one."""
    for group, now, then in zip(optimiser.param_groups, configured, before, strict=True):
        if now != then:
            group["lr"] *= now / then


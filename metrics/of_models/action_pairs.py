"""Codes of pairs that are one action apart: what all scores of actions look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from datasets.actions import ActionSpace
from datasets.batches import BatchSource
from metrics.scores import Matrix, Refusal
from models.model import Model, Representer

BATCH = 256


@dataclass(frozen=True)
class ActionPairs:
    """Posterior means before and after an action, [P, D] float64, and the action [P] of `space` that lies between them."""

    before: np.ndarray
    after: np.ndarray
    actions: np.ndarray
    space: ActionSpace

    def of(self, action: int) -> tuple[np.ndarray, np.ndarray]:
        """The pairs of one action."""
        own = self.actions == action
        return self.before[own], self.after[own]


def unfit(metric: str, model: Model, source: BatchSource) -> Refusal | None:
    """Why there are no such pairs, or None."""
    spec = source.spec
    if not isinstance(model, Representer):
        return Refusal(metric, None, f"{type(model).__name__} gives no codes")
    if not spec.actions or spec.views != 2 or spec.apart != 1:
        return Refusal(
            metric, None, "there are no pairs one known action apart; give the score `pairs` of walks.RecordedWalks or ActionWalks"
        )
    if not all(spec.actions.signs):
        return Refusal(metric, None, "factors are redrawn at random, which is no action that can be repeated")
    return None


def drawn_pairs(model: Model, source: BatchSource, rng: np.random.Generator, rows: int) -> Iterator[tuple[Tensor, Tensor, np.ndarray]]:
    """First and second observations [n, ...] on the model's device and actions [n], in batches, `rows` in all. Sets evaluation mode."""
    model.eval()
    device = next(model.parameters()).device
    for begin in range(0, rows, BATCH):
        batch = source.draw(min(BATCH, rows - begin), rng)
        assert batch.actions is not None
        first, second = batch.observations.to(device).unbind(1)
        yield first, second, batch.actions[:, 0].numpy()


@torch.inference_mode()
def encoded_pairs(model: Model, source: BatchSource, rng: np.random.Generator, rows: int) -> ActionPairs:
    """`rows` pairs of a source that is not `unfit`."""
    assert isinstance(model, Representer)
    before, after, actions = [], [], []
    for first, second, action in drawn_pairs(model, source, rng, rows):
        both = model.encode(torch.cat([first, second])).mean.double().cpu().numpy()
        before.append(both[: len(action)])
        after.append(both[len(action) :])
        actions.append(action)
    return ActionPairs(np.concatenate(before), np.concatenate(after), np.concatenate(actions), source.spec.actions)


def too_few(metric: str, pairs: ActionPairs) -> Refusal | None:
    """Why a map of D dimensions cannot be fitted to each action, or None."""
    counts, needed = np.bincount(pairs.actions, minlength=len(pairs.space)), pairs.before.shape[1] + 1
    scarce = [name for name, count in zip(pairs.space.names, counts, strict=True) if count < needed]
    if scarce:
        return Refusal(metric, None, f"fewer than {needed} pairs of {', '.join(scarce)}; raise `rows`")
    return None


def action_matrix(values: np.ndarray, space: ActionSpace, columns: tuple[str, ...] | None = None) -> Matrix:
    """Values [A, columns] for a heat map; columns are the actions themselves unless they are named."""
    return Matrix(values, space.names, columns or space.names)

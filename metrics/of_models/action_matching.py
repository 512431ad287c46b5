"""Which of a model's own actions stands for which action of the data: by how often the one is chosen where the other was done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from datasets.batches import BatchSource
from metrics.of_models.action_pairs import drawn_pairs, unfit
from metrics.scores import Refusal
from models.groups.acting import Acting
from models.model import Model, Representer

CHOOSERS = ("policy", "nearest")


@dataclass(frozen=True)
class Choices:
    """For P pairs: the action of the data [P], the own action that each chooser takes [P], and the policy [P, A] where there is one."""

    true: np.ndarray
    chosen: dict[str, np.ndarray]
    policy: np.ndarray | None


def cannot_choose(metric: str, model: Model, source: BatchSource) -> Refusal | None:
    """Why a model has no choices to be judged by, or None."""
    if not isinstance(model, Acting):
        return Refusal(metric, None, f"{type(model).__name__} has no actions of its own")
    return unfit(metric, model, source)


@torch.inference_mode()
def choices(model: Model, source: BatchSource, rng: np.random.Generator, rows: int) -> Choices:
    """What a model makes of `rows` pairs one action apart: the policy's likeliest action, and the one that ends nearest to the target."""
    assert isinstance(model, Acting) and isinstance(model, Representer)
    true, nearest, policies = [], [], []
    for first, second, action in drawn_pairs(model, source, rng, rows):
        before, after = model.encode(torch.cat([first, second])).mean.chunk(2)
        nearest.append((model.acted(before) - after.unsqueeze(1)).square().sum(2).argmin(1).cpu().numpy())
        probabilities = model.action_probabilities(first, second)
        if probabilities is not None:
            policies.append(probabilities.cpu().numpy())
        true.append(action)
    policy = np.concatenate(policies) if policies else None
    chosen = {"nearest": np.concatenate(nearest)}
    if policy is not None:
        chosen = {"policy": policy.argmax(1), **chosen}
    return Choices(np.concatenate(true), chosen, policy)


def confusion(true: np.ndarray, chosen: np.ndarray, actions: int, own: int) -> np.ndarray:
    """Counts [actions, own]."""
    return np.bincount(true * own + chosen, minlength=actions * own).reshape(actions, own)


def matched(counts: np.ndarray, model: Acting) -> np.ndarray:
    """The own action of each action of the data, one to one and with the most pairs in agreement; -1 where none is left. [A].

    A model that knows its actions is not matched: they are those of the data.
    """
    if model.knows_actions:
        return np.arange(len(counts))
    rows, columns = linear_sum_assignment(-counts)
    found = np.full(len(counts), -1)
    found[rows] = columns
    return found


def agreeing(counts: np.ndarray, own: np.ndarray) -> np.ndarray:
    """For each action of the data [A], in how many pairs its own action was chosen; 0 where none is left for it."""
    return np.where(own >= 0, counts[np.arange(len(own)), own], 0)


def own_actions(model: Acting, found: Choices, actions: int) -> np.ndarray:
    """`matched` by the chooser with which more pairs agree, the policy or what is nearest, [A]."""
    candidates = []
    for chosen in found.chosen.values():
        counts = confusion(found.true, chosen, actions, len(model.action_names))
        own = matched(counts, model)
        candidates.append((int(agreeing(counts, own).sum()), own))
    return max(candidates, key=lambda candidate: candidate[0])[1]

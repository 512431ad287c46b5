"""How an action is guessed that nobody tells, and what the policy learns from the guess. Three ways, one interface.

The reward of action a is |z - m|^2 - |M_a z - m|^2, by how much it comes nearer to the code m of the second picture.

- `Reinforce` (Painter et al. 2020, arXiv 2008.07922): one action is drawn from the policy, and its probability follows its reward.
- `ExpectedReward`: the rewards of all A actions are at hand, and so is the exact mean over the policy, without noise.
- `Responsibilities`: each action answers for a pair by softmax(-distance / temperature), as a component of a mixture does, and the policy
  learns to say the same (cross-entropy). Policies that follow rewards go to the element nearest to the identity while angles are wrong,
  and nothing moves any more; responsibilities are of this pair alone, and `balance` gives every action its share of a batch
  (Sinkhorn's iteration, as Caron et al. 2020, arXiv 2006.09882, keep clusters from falling together).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from foundation.errors import UserError

ACCUMULATIONS = ("none", "past", "to_go")
TINY = 1e-12


@dataclass(frozen=True)
class Taken:
    """One of the K actions between two pictures.

    `log_policy` [B, A]; `rewards` [B, A] of all actions; `weights` [B, A], each action's share in the prediction; `actions` [B], the
    one with which a walk of several goes on. All but the first are without gradient.
    """

    log_policy: Tensor
    rewards: Tensor
    weights: Tensor
    actions: Tensor


class Estimation(Protocol):
    """`couples_batch` says that rows of a batch depend on one another."""

    couples_batch: bool

    def take(self, log_policy: Tensor, nothing: Tensor, distances: Tensor, step: int, turn: int, turns: int) -> Taken:
        """Guesses, at action `turn` of `turns`; `nothing` [B] and `distances` [B, A] are squared distances from the target, detached."""

    def loss(self, taken: Sequence[Taken]) -> Tensor:
        """What moves the policy, a scalar."""


class Reinforce:
    """The published estimator; a reward r < 0 lowers an action's probability by -|r| log(1 - p).

    `accumulate`: "none" (each action its own reward), "past" (released: sum of discounted rewards up to the action's turn) or "to_go"
    (from its turn on). `regret` takes off how much better the best action would have been, on the batch's mean. `exploration`: share of
    actions that are drawn uniformly, a function of step * K + turn.
    """

    def __init__(
        self, *, exploration: Callable[[int], float] | None = None, accumulate: str = "to_go", discount: float = 0.99, regret: bool = False
    ) -> None:
        if accumulate not in ACCUMULATIONS:
            raise UserError(f"rewards accumulate {', '.join(ACCUMULATIONS)}, not {accumulate!r}")
        self.exploration, self.accumulate, self.discount, self.regret = exploration, accumulate, discount, regret
        self.couples_batch = regret

    def take(self, log_policy: Tensor, nothing: Tensor, distances: Tensor, step: int, turn: int, turns: int) -> Taken:
        share = self.exploration(step * turns + turn) if self.exploration is not None else 0.0
        actions = _drawn(log_policy.exp(), share)
        return Taken(log_policy, nothing.unsqueeze(1) - distances, _one_hot(actions, distances), actions)

    def loss(self, taken: Sequence[Taken]) -> Tensor:
        own = [turn.rewards.gather(1, turn.actions.unsqueeze(1)).squeeze(1) for turn in taken]
        regrets = [(turn.rewards.amax(1) - reward).mean() if self.regret else 0.0 for turn, reward in zip(taken, own, strict=True)]
        losses = [
            signed_log_probability(turn.log_policy, turn.actions, reward - regret)
            for turn, reward, regret in zip(taken, self._accumulated(own), regrets, strict=True)
        ]
        return torch.stack(losses).sum()

    def _accumulated(self, rewards: Sequence[Tensor]) -> list[Tensor]:
        if self.accumulate == "none":
            return list(rewards)
        if self.accumulate == "past":
            discounted = torch.stack([self.discount**turn * reward for turn, reward in enumerate(rewards)])
            return list(discounted.cumsum(0))
        total, sums = torch.zeros_like(rewards[-1]), []
        for reward in reversed(rewards):
            total = reward + self.discount * total
            sums.append(total)
        return sums[::-1]


class ExpectedReward:
    """-sum_a policy(a) reward(a), exactly. The prediction falls to an action drawn from the policy, or (`mean`) to all by their shares.

    Of a walk of several actions each counts its own reward only.
    """

    couples_batch = False

    def __init__(self, *, exploration: Callable[[int], float] | None = None, mean: bool = False) -> None:
        self.exploration, self.mean = exploration, mean

    def take(self, log_policy: Tensor, nothing: Tensor, distances: Tensor, step: int, turn: int, turns: int) -> Taken:
        share = self.exploration(step * turns + turn) if self.exploration is not None else 0.0
        probabilities = log_policy.detach().exp()
        actions = _drawn(probabilities, share)
        weights = share / probabilities.shape[1] + (1 - share) * probabilities if self.mean else _one_hot(actions, distances)
        return Taken(log_policy, nothing.unsqueeze(1) - distances, weights, actions)

    def loss(self, taken: Sequence[Taken]) -> Tensor:
        return -torch.stack([(turn.log_policy.exp() * turn.rewards).sum(1).mean() for turn in taken]).sum()


class Responsibilities:
    """Weights softmax(-distance / temperature + prior * log policy) per pair, which the policy is trained to by cross-entropy.

    `temperature`: a function of the step, in squared code units, or (`relative`) in units of the batch's mean distance when nothing is
    done. `prior`: what the policy says beforehand counts (1: a mixture's expectation step). `balance`: rounds in which each action is
    given 1 / A of the batch, and each pair its whole, before step `balance_until`. `exploration`: share of the weights that is spread
    evenly.
    """

    def __init__(
        self,
        *,
        temperature: Callable[[int], float],
        relative: bool = False,
        prior: float = 0.0,
        balance: int = 0,
        balance_until: float = float("inf"),
        exploration: Callable[[int], float] | None = None,
    ) -> None:
        self.temperature, self.relative, self.prior = temperature, relative, prior
        self.balance, self.balance_until, self.exploration = balance, balance_until, exploration
        self.couples_batch = relative or balance > 0

    def take(self, log_policy: Tensor, nothing: Tensor, distances: Tensor, step: int, turn: int, turns: int) -> Taken:
        unit = nothing.mean().clamp_min(TINY) if self.relative else 1.0
        scores = self.prior * log_policy.detach() - distances / (self.temperature(step) * unit)
        weights = balanced(scores, self.balance if step < self.balance_until else 0)
        if self.exploration is not None:
            share = self.exploration(step * turns + turn)
            weights = share / weights.shape[1] + (1 - share) * weights
        return Taken(log_policy, nothing.unsqueeze(1) - distances, weights, _drawn(weights, 0.0))

    def loss(self, taken: Sequence[Taken]) -> Tensor:
        return cross_entropy(taken)


def cross_entropy(taken: Sequence[Taken]) -> Tensor:
    """How far the policy is from the weights, a scalar: its mean over a batch, summed over actions."""
    return -torch.stack([(turn.weights * turn.log_policy).sum(1).mean() for turn in taken]).sum()


def signed_log_probability(log_policy: Tensor, actions: Tensor, rewards: Tensor) -> Tensor:
    """-mean of |r| log p(action) where r >= 0 and of |r| log(1 - p(action)) where r < 0: [B, A], [B], [B] -> scalar.

    log(1 - p) is summed from the other actions, so that it is finite however sure the policy is.
    """
    chosen = actions.unsqueeze(1)
    log_p = log_policy.gather(1, chosen).squeeze(1)
    log_rest = log_policy.scatter(1, chosen, float("-inf")).logsumexp(1)
    return -(rewards.abs() * torch.where(rewards >= 0, log_p, log_rest)).mean()


def balanced(scores: Tensor, rounds: int) -> Tensor:
    """softmax over actions, [B, A]; with rounds of balancing each action gets about B / A of the whole."""
    log_weights = scores.log_softmax(1)
    for _ in range(rounds):
        log_weights = (log_weights - log_weights.logsumexp(0)).log_softmax(1)
    return log_weights.exp()


def _drawn(probabilities: Tensor, uniform_share: float) -> Tensor:
    """One action for each row [B, A] -> [B], from torch's default generator."""
    actions = torch.multinomial(probabilities.detach().float(), 1).squeeze(1)
    if not uniform_share:
        return actions
    elsewhere = torch.randint_like(actions, probabilities.shape[1])
    return torch.where(torch.rand(actions.shape, device=actions.device) < uniform_share, elsewhere, actions)


def _one_hot(actions: Tensor, like: Tensor) -> Tensor:
    return torch.zeros_like(like).scatter(1, actions.unsqueeze(1), 1.0)

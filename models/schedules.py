"""Settings that change as training goes on, each a pure function of the step, so that a resumed run has the same."""

from __future__ import annotations

from foundation.errors import UserError


class Schedule:
    """From `first` at step `begin` to `last` at step `end`, and constant before and after: in a straight line, or by equal factors
    where `geometric`."""

    def __init__(self, first: float, last: float, end: int, begin: int = 0, geometric: bool = False) -> None:
        if not 0 <= begin < end:
            raise UserError(f"a schedule begins before it ends: not from step {begin} to step {end}")
        if geometric and not (first > 0 and last > 0):
            raise UserError(f"a geometric schedule goes from one positive value to another, not from {first:g} to {last:g}")
        self.first, self.last, self.begin, self.end, self.geometric = first, last, begin, end, geometric

    def __call__(self, step: int) -> float:
        share = min(1.0, max(0.0, (step - self.begin) / (self.end - self.begin)))
        if self.geometric:
            return self.first * (self.last / self.first) ** share
        return self.first + (self.last - self.first) * share


class Constant:
    """`value` at every step."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __call__(self, step: int) -> float:
        return self.value


class Exploration:
    """The share of actions that are drawn uniformly: (1 - policy_weight) * (1 - epsilon) ** step (Painter et al. 2020, released code).

    There the weight of the policy grows by (1 - weight) * epsilon at each call; a call is a step where one action is taken.
    """

    def __init__(self, policy_weight: float = 1.0, epsilon: float = 0.0) -> None:
        self.policy_weight, self.epsilon = policy_weight, epsilon

    def __call__(self, step: int) -> float:
        return (1 - self.policy_weight) * (1 - self.epsilon) ** step

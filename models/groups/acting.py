"""What scores and pictures of actions ask of a model: actions of its own, as linear maps of its codes."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor


class Acting(ABC):
    """A model with A actions of its own. They are those of its data where `knows_actions`, in the same order; else nobody named them."""

    knows_actions: bool

    @property
    @abstractmethod
    def action_names(self) -> tuple[str, ...]:
        """[A]."""

    @abstractmethod
    def action_angles(self) -> Tensor:
        """By how much each action turns, radians, [A]; signed where it is a rotation of one pair of dimensions, else not negative."""

    @abstractmethod
    def acted(self, codes: Tensor) -> Tensor:
        """What every action makes of every code, [N, D] -> [N, A, D]."""

    def action_probabilities(self, first: Tensor, second: Tensor) -> Tensor | None:
        """Which action leads from one observation to the other, [N, ...] twice -> [N, A]; None where the model does not guess."""
        return None

"""Where training writes: the loop knows this protocol, and not the names of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from torch import Tensor

State = Mapping[str, Any]


class Journal(Protocol):
    """A place for checkpoints, reported terms and the best weights. Every write is whole or not there."""

    def load(self) -> State | None:
        """The last checkpoint, or None where training has not begun."""

    def save(self, state: State) -> None:
        """Replaces the checkpoint."""

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        """Replaces the best weights."""

    def resume(self, step: int) -> None:
        """Forgets what was reported after `step`: those steps are run again."""

    def report(self, step: int, terms: Mapping[str, float]) -> None:
        """Means of the terms over the steps since the last report."""

    def progress(self, step: int, steps: int, objective: float | None) -> None:
        """Called at every step; `objective` where a report was due."""

    def warn(self, message: str) -> None:
        """Something that the user should know, and that stops nothing."""

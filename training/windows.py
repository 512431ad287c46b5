"""Means of a term over windows of many reports, for schedules and selection."""

from __future__ import annotations

from collections.abc import Mapping

from foundation.errors import UserError


class Windows:
    """Named windows of `every` steps each, fed at every report. Raises UserError where a window is no multiple of `report_every`."""

    def __init__(self, every: Mapping[str, int], report_every: int) -> None:
        for name, steps in every.items():
            if steps < 1 or steps % report_every:
                raise UserError(f"the window of {name} is {steps} steps, which is no multiple of Training.report_every = {report_every}")
        self.every = dict(every)
        self.sums: dict[str, tuple[float, int]] = {}

    def add(self, name: str, mean: float, count: int, done: int) -> float | None:
        """Adds a mean over `count` steps; returns the mean of the window where it ends with step `done`."""
        total, steps = self.sums.get(name, (0.0, 0))
        self.sums[name] = (total + mean * count, steps + count)
        if done % self.every[name]:
            return None
        total, steps = self.sums.pop(name)
        return total / steps

    def state(self) -> dict[str, list[float]]:
        """All that a resumed run needs."""
        return {name: [total, float(steps)] for name, (total, steps) in self.sums.items()}

    def load(self, state: Mapping[str, list[float]]) -> None:
        """Goes on from a saved state."""
        self.sums = {name: (total, int(steps)) for name, (total, steps) in state.items()}

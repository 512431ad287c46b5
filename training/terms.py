"""Running means of the terms of a loss, kept on the device: nothing waits for it until a report is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


class RunningTerms:
    """Sums of named scalars, their count, and the first step at which each was not finite."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.names: list[str] = []
        self.count = 0

    def add(self, step: int, terms: Mapping[str, Tensor]) -> None:
        """Adds the terms of one step, without synchronising the device."""
        values = torch.stack([value.detach().double() for value in terms.values()])
        if list(terms) != self.names:
            self.names, self.count = list(terms), 0
            self.sums = torch.zeros_like(values)
            self.broken = torch.full(values.shape, -1, dtype=torch.int64, device=values.device)
        self.sums += values
        self.count += 1
        self.broken = torch.where((self.broken < 0) & ~torch.isfinite(values), step, self.broken)

    def first_broken(self) -> tuple[str, int] | None:
        """The term that was not finite first, and its step."""
        if not self.count:
            return None
        steps = self.broken.tolist()
        broken = [(step, place) for place, step in enumerate(steps) if step >= 0]
        # The objective is broken whenever a term is: the term is the better name for the same step.
        candidates = [(step, self.names[place].endswith("objective"), self.names[place]) for step, place in broken]
        return (min(candidates)[2], min(candidates)[0]) if candidates else None

    def means(self) -> dict[str, float]:
        """Means since the last reset; starts anew."""
        means = {name: total / self.count for name, total in zip(self.names, self.sums.tolist(), strict=True)}
        self.sums.zero_()
        self.count = 0
        return means

    def state(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {"names": self.names, "count": self.count, "sums": self.sums.cpu() if self.names else None}

    def load(self, state: Mapping[str, Any]) -> None:
        """Goes on from a saved state."""
        self.names, self.count = list(state["names"]), state["count"]
        if self.names:
            self.sums = state["sums"].to(self.device).clone()
            self.broken = torch.full(self.sums.shape, -1, dtype=torch.int64, device=self.device)

"""Batches drawn ahead of their step by one thread. A batch is a function of (seed, step), so that drawing early changes nothing."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import torch

from datasets.batches import Batch, BatchSource
from foundation.randomness import stream


class Prefetch:
    """Draws, for each step from `first` to `last`, one batch per key of `keys`; `waited` counts the seconds that training waited."""

    def __init__(
        self,
        source: BatchSource,
        size: int,
        seed: int,
        keys: Sequence[tuple[str, ...]],
        first: int,
        last: int,
        device: torch.device,
        ahead: int = 2,
    ) -> None:
        self.source, self.size, self.seed, self.keys, self.device = source, size, seed, keys, device
        self.next, self.last, self.ahead, self.waited = first, last, ahead, 0.0
        self._queue: deque[Future[list[Batch]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="prefetch")

    def __enter__(self) -> Prefetch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def batches(self) -> dict[tuple[str, ...], Batch]:
        """The batches of the next step, by key, on the device."""
        while len(self._queue) < self.ahead and self.next < self.last:
            self._queue.append(self._thread.submit(self._draw, self.next))
            self.next += 1
        begun = time.perf_counter()
        drawn = self._queue.popleft().result()
        self.waited += time.perf_counter() - begun
        return dict(zip(self.keys, (batch.to(self.device) for batch in drawn), strict=True))

    def _draw(self, step: int) -> list[Batch]:
        drawn = [self.source.draw(self.size, stream(self.seed, "data", step, *key)) for key in self.keys]
        return [batch.map(torch.Tensor.pin_memory) for batch in drawn] if self.device.type == "cuda" else drawn

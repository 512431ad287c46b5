"""How far a long piece of work has come: a bar on a terminal, else one plain line now and then, both on the error stream."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

from tqdm import tqdm

LINE_EVERY = 30.0
"""Seconds between two lines where there is no terminal. Work that is done sooner says nothing there."""


@contextlib.contextmanager
def progress(title: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """A function to be told, from any thread, of every so many `unit` that are done."""
    begun = last = time.monotonic()
    done = 0
    lock = threading.Lock()
    with tqdm(desc=title, total=total, unit=unit, disable=None, dynamic_ncols=True, leave=False, file=sys.stderr) as bar:

        def advance(count: int) -> None:
            nonlocal done, last
            with lock:
                done += count
                bar.update(count)
                now = time.monotonic()
                if bar.disable and now - last > LINE_EVERY:
                    last = now
                    rate = done / (now - begun)
                    minutes = (total - done) / rate / 60
                    tqdm.write(f"{title}: {done:,} of {total:,}, {rate:,.0f} {unit}/s, {minutes:.0f} min left", file=sys.stderr)

        yield advance

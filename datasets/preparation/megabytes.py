"""Amounts of bytes for people, and the progress of work that is counted in them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from foundation.progress import progress

_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def size(bytes_: float) -> str:
    """A number of bytes for people: 268 MB, 1.4 GB."""
    for unit, name in _UNITS:
        if bytes_ >= unit:
            return f"{bytes_ / unit:.{0 if bytes_ >= 100 * unit else 1}f} {name}"
    return f"{bytes_:.0f} bytes"


@contextlib.contextmanager
def megabytes(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Gives a function that is told how many bytes more are done; `total` bytes are expected, about."""
    with progress(title, max(1, total // 10**6), "MB") as advance:
        rest = 0

        def more(bytes_: int) -> None:
            nonlocal rest
            whole, rest = divmod(rest + bytes_, 10**6)
            if whole:
                advance(whole)

        yield more

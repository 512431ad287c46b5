"""Memory that a process frees stays with the process.

A step on the CPU asks for the same large tensors again and again. glibc fetches blocks above 128 KB from the system each time and gives
them back after use, and the system clears every page: a tenth of the CPU time of a step, more where several trainings share a machine.
"""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_MAX = -1, -4
NEVER = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tells glibc's allocator to keep what is freed; its peak is what the process holds from then on. False where there is no glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_MAX, 0)) and bool(mallopt(TRIM_THRESHOLD, NEVER))

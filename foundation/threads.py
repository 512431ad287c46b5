"""How many threads this process may use: what the scheduler or the operating system allots, not what the machine has."""

from __future__ import annotations

import os


def allotted_threads() -> int:
    """Processors that this process may run on; SLURM_CPUS_PER_TASK or OMP_NUM_THREADS lower it."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for name in ("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS"):
        value = os.environ.get(name, "")
        if value.isdigit() and int(value) > 0:
            available = min(available, int(value))
    return available

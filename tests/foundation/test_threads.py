"""Threads follow the allotment."""

import os

import pytest

from foundation.threads import allotted_threads


def test_scheduler_and_affinity_limit_the_threads(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    everything = len(os.sched_getaffinity(0))
    assert allotted_threads() == everything
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "1")
    assert allotted_threads() == 1
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "1000")
    assert allotted_threads() == everything


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity on this system")
def test_one_core_means_one_thread(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert allotted_threads() == 1
    finally:
        os.sched_setaffinity(0, before)

"""What is freed is kept: tensors that come and go cost no new pages."""

import subprocess
import sys

import pytest

from foundation.allocator import keep_freed_memory

FAULTS = """
import resource, sys
import numpy as np
from foundation.allocator import keep_freed_memory
assert sys.argv[1] == "left" or keep_freed_memory()
def round_trip():
    for _ in range(5):
        np.ones(64 << 20, dtype=np.uint8)
round_trip()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
round_trip()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the allocator is glibc's")
def test_memory_that_is_kept_is_not_fetched_again():
    kept, left = (
        int(subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True).stdout)
        for how in ("kept", "left")
    )
    assert kept < 10 and left > 50, "a fault fetches a page, of 4 KB or of 2 MB; five blocks of 64 MB come and go"


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not keep_freed_memory()

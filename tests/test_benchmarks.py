"""Benchmarks are never timed by tests, but they start: each is in the Makefile and tells its options."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if "def main" in path.read_text(encoding="utf-8"))


def test_make_bench_runs_all_of_them():
    line = re.search(r"for name in ([\w ]+); do \$\(RUN\) -m benchmarks", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert sorted(line.group(1).split()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_starts(name):
    result = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0 and f"python -m benchmarks.{name}" in result.stdout, result.stderr

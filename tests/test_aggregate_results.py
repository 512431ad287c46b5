"""The command `aggregate_results.py`, as a user would type it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.results.fake_runs import SOURCE, TRANSFER, fail, write_run

ROOT = Path(__file__).parents[1]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "aggregate_results.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_tables_are_written_and_shown(tmp_path):
    for seed in (0, 2):
        write_run(tmp_path, SOURCE, seed)
    fail(write_run(tmp_path, SOURCE, 3).stage("trained"), "kl is not finite at step 120")
    done = run("--experiment", SOURCE, "--output", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0.670 ± 0.028" in done.stdout
    assert "seed 1: there is no run of this seed" in done.stdout
    assert "seed 3, stage trained: it failed: kl is not finite at step 120" in done.stdout
    scores = pd.read_csv(tmp_path / SOURCE / "scores.csv")
    assert list(scores.columns) == ["experiment", "seed", "stage", "dataset", "model", "metric", "setting", "factor", "value"]
    assert "0.670 ± 0.028" in (tmp_path / SOURCE / "summary.md").read_text()
    assert (tmp_path / SOURCE / "figures" / "learning_curves.png").stat().st_size > 10_000 and "figures/learning_curves.png" in done.stdout
    assert {"mean", "standard_deviation", "seeds"} <= set(pd.read_csv(tmp_path / SOURCE / "summary.csv").columns)


@pytest.mark.parametrize("broken", ["[", "null", '[{"metric": 1}]'])
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, broken):
    write_run(tmp_path, SOURCE, 0).stage("trained").scores.write_text(broken)
    done = run("--experiment", SOURCE, "--output", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1 and "scores.json" in done.stderr
    assert not (tmp_path / SOURCE / "scores.csv").exists()


@pytest.mark.parametrize("broken", ["", "a,b\n1,2\n", "step,kl\nx,1\n"])
def test_terms_that_are_none_are_one_line(tmp_path, broken):
    write_run(tmp_path, SOURCE, 0).stage("trained").terms.write_text(broken)
    done = run("--experiment", SOURCE, "--output", tmp_path)
    assert done.returncode == 2 and done.stderr.startswith("error: cannot read ") and done.stderr.count("\n") == 1
    assert "terms.csv" in done.stderr


def test_an_unknown_experiment_lists_those_that_there_are(tmp_path):
    write_run(tmp_path, TRANSFER, 0)
    done = run("--experiment", "weak_dsprite", "--output", tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"error: there are no runs of 'weak_dsprite' in {tmp_path}; experiments there: {TRANSFER}\n"


def test_no_torch_is_imported():
    code = "import sys, aggregate_results, compare_transfer, make_report; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

"""The commands `compare_transfer.py` and `make_report.py`, as a user would type them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.results.fake_runs import SOURCE, TRANSFER, write_run

ROOT = Path(__file__).parents[1]


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_transfer_is_compared_and_reported(tmp_path):
    for seed in (0, 1):
        write_run(tmp_path, TRANSFER, seed, downstream=True)
    done = run("compare_transfer.py", "--experiment", TRANSFER, "--output", tmp_path, "--values_to_aggregate", "model_num")
    assert (done.returncode, done.stderr) == (0, "")
    assert "+20.0 ± 0.0" in done.stdout and "accuracy of boosted trees on pruned dimensions" in done.stdout
    compared = pd.read_csv(tmp_path / TRANSFER / "comparison" / "comparison.csv")
    assert compared.loc[compared["metric"] == "omes", "improvement"].tolist() == pytest.approx([20.0] * 12)
    reported = run("make_report.py", "--experiment", TRANSFER, "--output", tmp_path)
    assert (reported.returncode, reported.stderr) == (0, "")
    assert (tmp_path / f"report_{TRANSFER}.html").exists()


def test_several_transfers_go_into_a_folder_of_their_own(tmp_path):
    other = "weak_dsprites_color_beta2_to_3dshapes"
    write_run(tmp_path, TRANSFER, 0)
    write_run(tmp_path, other, 0, beta=2.0)
    done = run("compare_transfer.py", "--experiment", TRANSFER, other, "--output", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / f"comparison_{TRANSFER}_and_{other}" / "improvement_2.png").exists()
    assert done.stdout.count("before and after the transfer") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--experiment", "nothing"], "there are no runs of 'nothing'"),
        (["--experiment", SOURCE], "is not a transfer"),
        (["--experiment", TRANSFER, "--values_to_aggregate", "gamma"], "there is no setting 'gamma'"),
        (["--experiments"], "--help"),
    ],
)
def test_bad_input_is_one_line(tmp_path, arguments, words):
    write_run(tmp_path, SOURCE, 0)
    write_run(tmp_path, TRANSFER, 0)
    done = run("compare_transfer.py", "--output", tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1 and words in done.stderr
    assert not (tmp_path / TRANSFER / "comparison").exists()

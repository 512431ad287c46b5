"""The main command as a user types it: train, transfer, kill, resume, go on, and every kind of bad input."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
SOURCE, TARGET = ROOT / "tests/toy_source.gin", ROOT / "tests/toy_target.gin"
TRANSFER = "toy_source_to_toy_target"


def command(output, *flags, source=SOURCE, seed=0):
    return [
        sys.executable,
        "train_and_transfer_model.py",
        "--source",
        str(source),
        "--seed",
        str(seed),
        "--output",
        str(output),
        *map(str, flags),
    ]


def run(output, *flags, **settings):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command(output, *flags, **settings), cwd=ROOT, capture_output=True, text=True, timeout=300, env=environment)


def done(output, *flags, **settings):
    result = run(output, *flags, **settings)
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(output, *flags, **settings):
    """One clear line on stderr, exit code 2."""
    result = run(output, *flags, **settings)
    assert result.returncode == 2, (result.returncode, result.stderr)
    lines = result.stderr.strip().splitlines()
    assert "Traceback" not in result.stderr
    return lines[-1]


def status(folder):
    return json.loads((folder / "status.json").read_text())


@pytest.fixture(scope="module")
def transferred(tmp_path_factory):
    """A whole transfer, made once."""
    output = tmp_path_factory.mktemp("output")
    done(output, "--target", TARGET)
    return output


def test_a_transfer_leaves_every_product(transferred):
    source, transfer = transferred / "toy_source/0", transferred / TRANSFER / "0"
    for stage in (source, source / "untrained", transfer / "untrained", transfer / "before", transfer / "after"):
        assert status(stage)["state"] == "complete", stage
        for product in ("config.gin", "settings.json", "environment.json", "scores.json", "matrices.json"):
            assert (stage / product).is_file(), stage / product
        for figure in ("reconstructions.png", "samples.png", "traversal.png", "traversal.gif", "association.png"):
            assert (stage / "figures" / figure).stat().st_size > 500
    for trained in (source, transfer / "after"):
        for product in ("checkpoint.pt", "model.safetensors", "terms.csv", "figures/losses.png"):
            assert (trained / product).is_file()
        assert list((trained / "tensorboard").iterdir())
    assert (source / "best.safetensors").is_file()
    assert {path.name for path in (source / "representations").iterdir()} == {"uniform", "intervention"}
    rows = list(csv.DictReader((source / "terms.csv").open()))
    assert [int(row["step"]) for row in rows] == list(range(5, 61, 5))
    assert {"objective", "reconstruction", "kl", "elbo", "learning_rate"} <= rows[0].keys()
    assert not list(transferred.rglob("*.tmp*"))


def test_scores_are_rows_with_their_setting(transferred):
    rows = json.loads((transferred / "toy_source/0/scores.json").read_text())
    assert all(set(row) == {"metric", "setting", "factor", "value"} for row in rows)
    means = [
        r
        for r in rows
        if r["metric"] == "omes" and r["factor"] is None and r["setting"]["pooling"] == "max" and r["setting"]["alpha"] == 0.5
    ]
    assert {row["setting"]["sample"] for row in means} == {"intervention", "uniform"}
    assert all(0 <= row["value"] <= 1 for row in means)
    assert {"mig", "omes_ceiling", "omes_null", "omes_pairs", "elbo", "reconstruction"} <= {row["metric"] for row in rows}


def test_all_seeds_are_represented_on_the_same_rows(transferred, tmp_path):
    done(tmp_path, seed=1)
    folders = [output / f"toy_source/{seed}/representations/uniform" for seed, output in ((0, transferred), (1, tmp_path))]
    assert folders[0].joinpath("classes.csv").read_text() == folders[1].joinpath("classes.csv").read_text()
    ranked = [sys.executable, "score_representations.py", *map(str, folders), "--metrics", "udr"]
    result = subprocess.run(ranked, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0 and "udr" in result.stdout, result.stderr


def test_before_is_the_source_and_after_is_tuned(transferred):
    source, after = transferred / "toy_source/0", transferred / TRANSFER / "0/after"
    assert status(source)["represented"]["weights"] != status(after)["represented"]["weights"]
    before, tuned = load_file(source / "best.safetensors"), load_file(after / "model.safetensors")
    assert any(not torch.equal(before[name], tuned[name]) for name in before)
    assert any("source.weights = toy_source" in line for line in status(after)["identity"])


def test_a_complete_run_is_not_done_again(transferred):
    watched = [
        path for path in transferred.rglob("*") if path.name in ("model.safetensors", "checkpoint.pt", "scores.json", "traversal.gif")
    ]
    before = {path: path.stat().st_mtime_ns for path in watched}
    assert "represented" not in done(transferred, "--target", TARGET)
    assert {path: path.stat().st_mtime_ns for path in watched} == before


def test_only_score_scores_again_and_keeps_the_weights(transferred):
    scores, weights = transferred / "toy_source/0/scores.json", transferred / "toy_source/0/model.safetensors"
    before = scores.stat().st_mtime_ns, weights.stat().st_mtime_ns
    old = json.loads(scores.read_text())
    done(transferred, "--only", "score")
    assert scores.stat().st_mtime_ns > before[0] and weights.stat().st_mtime_ns == before[1]
    assert json.loads(scores.read_text()) == old


def test_weights_that_are_brought_are_scored_without_training(transferred, tmp_path):
    trained = transferred / "toy_source/0"
    best = trained / "best.safetensors" if (trained / "best.safetensors").exists() else trained / "model.safetensors"
    done(tmp_path, "--only", "score", "--weights", best)
    folder = tmp_path / "toy_source/0"
    assert json.loads((folder / "scores.json").read_text()) == json.loads((trained / "scores.json").read_text())
    assert not (folder / "checkpoint.pt").exists() and status(folder)["step"] == 0
    assert "weights = given" in refused(tmp_path, "--only", "train")
    other = tmp_path / "other.safetensors"
    save_file({"nothing": torch.zeros(1)}, other)
    assert "do not fit" in refused(tmp_path, "--weights", other)
    assert "goes without --target" in refused(tmp_path, "--weights", best, "--target", TARGET)


def test_scores_may_change_without_a_new_run(transferred):
    done(transferred, "--set", "elbo.observations = 32")
    rows = json.loads((transferred / "toy_source/0/scores.json").read_text())
    assert next(row for row in rows if row["metric"] == "elbo")["setting"]["observations"] == 32


def test_a_folder_of_another_configuration_is_refused_unless_accepted(transferred, tmp_path):
    done(tmp_path, "--only", "train", "--steps", 10)
    line = refused(tmp_path, "--only", "train", "--set", "model/Optimiser.learning_rate = 5e-4")
    assert "model/Optimiser.learning_rate = 0.001 there, 0.0005 here" in line and "--accept_change" in line
    done(tmp_path, "--only", "train", "--steps", 20, "--set", "model/Optimiser.learning_rate = 5e-4", "--accept_change")
    now = status(tmp_path / "toy_source/0")
    assert now["step"] == 20 and now["accepted_changes"][0]["step"] == 10
    assert list(csv.DictReader((tmp_path / "toy_source/0/terms.csv").open()))[-1]["learning_rate"] == "0.0005"


def test_more_steps_go_on_and_end_as_one_run(transferred, tmp_path):
    out = done(tmp_path, "--only", "train", "--steps", 13)
    assert "--steps 13" in out and status(tmp_path / "toy_source/0")["step"] == 13
    done(tmp_path, "--only", "train")
    for product in ("model.safetensors", "best.safetensors"):
        whole, parts = (load_file(output / "toy_source/0" / product) for output in (transferred, tmp_path))
        assert all(torch.equal(whole[name], parts[name]) for name in whole)


@pytest.mark.parametrize("attempt", range(3))
def test_a_killed_run_ends_with_the_same_bits(transferred, tmp_path, attempt):
    """Killed at a random moment after training began, twice; then left to end."""
    folder = tmp_path / "toy_source/0"
    for _ in range(2):
        process = subprocess.Popen(
            command(tmp_path, "--only", "train", "--set", "Training.checkpoint_every = 1"),
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        begun = status(folder).get("step", 0) if (folder / "status.json").exists() else 0
        while process.poll() is None and time.monotonic() < deadline:
            if (folder / "checkpoint.pt").exists() and status(folder).get("step", 0) > begun:
                break
            time.sleep(0.005)
        time.sleep(random.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done(tmp_path, "--only", "train")
    for product in ("model.safetensors", "best.safetensors"):
        whole, killed = (load_file(output / "toy_source/0" / product) for output in (transferred, tmp_path))
        assert all(torch.equal(whole[name], killed[name]) for name in whole)
    assert (folder / "terms.csv").read_text() == (transferred / "toy_source/0/terms.csv").read_text()


def test_a_termination_signal_saves_and_asks_to_be_called_again(tmp_path):
    process = subprocess.Popen(command(tmp_path, "--set", "Training.steps = 100000"), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    checkpoint = tmp_path / "toy_source/0/checkpoint.pt"
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
    assert "the same command goes on from it" in process.stderr.read()
    assert torch.load(checkpoint, weights_only=True)["step"] == status(tmp_path / "toy_source/0")["step"]


def test_a_broken_loss_is_named_and_recorded(tmp_path):
    line = refused(tmp_path, "--set", "model/Optimiser.learning_rate = 1e30")
    assert "not finite at step" in line and "--accept_change" in line
    failed = status(tmp_path / "toy_source/0")
    assert failed["state"] == "failed" and "not finite" in failed["error"]


def test_several_seeds_run_in_turn_and_one_that_fails_is_told(tmp_path):
    blocked = tmp_path / "toy_source" / "1"
    blocked.parent.mkdir()
    blocked.write_text("a file where a folder should be")
    flags = ["--seeds", "0-2", "--only", "train", "--steps", "5"]
    plain = [part for part in command(tmp_path, *flags) if part not in ("--seed", "0")]
    result = subprocess.run(plain, cwd=ROOT, capture_output=True, text=True, timeout=300, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert "seed 1 failed: " in result.stderr and "1 of 3 seeds failed, for the reasons above: 1;" in result.stderr.splitlines()[-1]
    assert [status(tmp_path / f"toy_source/{seed}")["step"] for seed in (0, 2)] == [5, 5]


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--target", "3dshape"], "there is no experiment '3dshape'; experiments are: 3dshapes"),
        (["--target", SOURCE], "is no Target"),
        (["--set", "beta = 'x'"], "must be of type float"),
        (["--set", "Training.stepz = 4"], "stepz"),
        (["--source_set", "beta = 2.0"], "--source_set goes with --target"),
        (["--only", "score"], "nothing is trained"),
        (["--only", "everything"], "invalid choice"),
        (["--steps", "0"], "less than 1"),
        (["--seeds", "4-2"], "is no list of seeds"),
        (["--device", "cuda"], "no CUDA device"),
        (["--set", "Squares.scale = 255.0"], "pixels in [0, 1]"),
        (["--set", "omes/Score.samples = ('uniforms',)"], "asks for the sample uniforms"),
    ],
    ids=str,
)
def test_bad_input_is_one_line(tmp_path, flags, word):
    if "cuda" in flags and torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    assert word in refused(tmp_path, *flags)


def test_an_unknown_source_writes_nothing(tmp_path):
    assert "experiments are" in refused(tmp_path / "new", source="weak_3dshape")
    assert not (tmp_path / "new").exists()


def test_a_broken_checkpoint_is_one_line(tmp_path):
    done(tmp_path, "--only", "train", "--steps", 5)
    checkpoint = tmp_path / "toy_source/0/checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    line = refused(tmp_path, "--only", "train", "--steps", 10)
    assert str(checkpoint) in line and "delete it" in line


def test_output_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot write" in refused(tmp_path / "file" / "output")
    assert "cannot write" in refused("/proc/output")


def test_a_full_disk_is_one_line_and_leaves_no_half_file(tmp_path):
    """A limit on the size of files stands for a full disk: the checkpoint does not fit, the small files do."""
    limited = ["bash", "-c", 'trap "" XFSZ; ulimit -f 40; exec "$@"', "bash", *command(tmp_path, "--no_tensorboard")]
    result = subprocess.run(limited, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 2, result.stderr
    assert "cannot write" in result.stderr.splitlines()[-1]
    folder = tmp_path / "toy_source/0"
    assert not (folder / "checkpoint.pt").exists() and not list(folder.glob("*.tmp*")) and not list(folder.glob(".*.tmp*"))

"""Own data as the README shows it: each example as it stands there, on small data made here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from foundation.randomness import stream
from tests.contracts.sets.own import image_folder

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("foundation", "datasets", "models", "training", "metrics", "results", "experiments", "settings", "configs")

README = (ROOT / "README.md").read_text(encoding="utf-8")


def example(word):
    """The README's block that holds a word."""
    (text,) = (part.partition("\n")[2] for part in re.split(r"^```", README, flags=re.MULTILINE)[1::2] if word in part)
    return text


FOLDER, PAIRS, CLIPS = example("ImageFolder.folder"), example("GivenPairs()"), example("Clips(length=8)")


@pytest.mark.parametrize("text", [FOLDER, PAIRS, CLIPS])
def test_examples_are_short(text):
    assert len(text.splitlines()) <= 20


def test_a_folder_of_pictures_trains_and_is_scored(tmp_path):
    for name in KEPT:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.glob("*.py"):
        shutil.copy(path, tmp_path)
    (tmp_path / "pictures").mkdir()
    image_folder(tmp_path / "pictures")
    (tmp_path / "configs/experiments/weak_pictures.gin").write_text(FOLDER)
    words = ["train_and_transfer_model.py", "--source", "weak_pictures", "--seed", "0", "--steps", "3", "--set", "rows = 15"]
    result = run(tmp_path, words, FOVEA_CACHE=str(tmp_path / "cache"))
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "output/weak_pictures/0/scores.json").is_file()


def test_pairs_with_actions(tmp_path):
    rng = stream(0, "own")
    for name in ("before", "after"):
        np.save(tmp_path / f"{name}.npy", rng.integers(0, 256, (20, 32, 32, 3), dtype=np.uint8))
    np.save(tmp_path / "actions.npy", rng.integers(0, 2, 20))
    result = run(tmp_path, ["-c", PAIRS])
    assert result.stdout == "torch.Size([16, 2, 3, 32, 32]) torch.Size([16, 1])\n", result.stderr


def test_clips(tmp_path):
    rng = stream(0, "own")
    for name, length in (("wave", 12), ("jump", 9)):
        np.save(tmp_path / f"{name}.npy", rng.integers(0, 256, (length, 32, 32, 3), dtype=np.uint8))
    result = run(tmp_path, ["-c", CLIPS])
    assert result.stdout == "torch.Size([4, 8, 3, 32, 32]) torch.Size([4, 8, 2])\n", result.stderr


def run(folder, words, **more):
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(folder if (folder / "datasets").is_dir() else ROOT),
        "HOME": str(folder),
        **more,
    }
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=300, env=environment)

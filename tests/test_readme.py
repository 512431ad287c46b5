"""The README's examples, as they stand: its new data set, model and metric work, and its commands exist."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
KEPT = ("foundation", "datasets", "models", "training", "metrics", "results", "experiments", "settings", "configs")


def saved_blocks():
    """Path -> text of every block that the README tells to save."""
    return dict(re.findall(r"(?:Save as|and as) `([\w/.]+)`.*?```(?:python)?\n(.*?)```", README, re.DOTALL))


def blocks():
    """The text between each pair of fences."""
    return [part.partition("\n")[2] for part in re.split(r"^```", README, flags=re.MULTILINE)[1::2]]


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """The project with the README's additions."""
    root = tmp_path_factory.mktemp("project")
    for name in KEPT:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.glob("*.py"):
        shutil.copy(path, root)
    for name, text in saved_blocks().items():
        (root / name).write_text(text, encoding="utf-8")
    return root


def run(root, *words):
    return subprocess.run([sys.executable, *map(str, words)], cwd=root, capture_output=True, text=True, timeout=300)


def train(root, *flags):
    result = run(root, "train_and_transfer_model.py", "--output", root / "output", "--steps", 3, "--set", "rows = 300", *flags)
    assert result.returncode == 0, result.stderr
    return result


def test_the_examples_are_short():
    blocks = saved_blocks()
    assert {Path(name).stem for name in blocks} == {"stripes", "weak_stripes", "weak_pictures", "free_bits_vae", "top_correlation"}
    assert all(len(text.strip().splitlines()) <= 20 for text in blocks.values())


def test_the_new_data_set_trains_and_is_scored(extended):
    train(extended, "--source", "weak_stripes", "--seed", 0)
    rows = json.loads((extended / "output/weak_stripes/0/scores.json").read_text())
    assert {row["factor"] for row in rows if row["metric"] == "omes"} == {None, "angle", "width"}


def test_the_new_model_trains(extended):
    flags = re.findall(r"--set '([^']*(?:FreeBitsVAE)[^']*)'", README)
    assert len(flags) == 3
    train(extended, "--source", "weak_stripes", "--seed", 1, *(word for flag in flags for word in ("--set", flag)))
    assert "FreeBitsVAE" in json.loads((extended / "output/weak_stripes/1/status.json").read_text())["model"]


def test_the_new_metric_is_computed(extended):
    (text,) = (block for block in blocks() if "@top_correlation.top_correlation" in block)
    (extended / "configs/experiments/with_top.gin").write_text(text)
    train(extended, "--source", "with_top", "--seed", 0)
    rows = json.loads((extended / "output/with_top/0/scores.json").read_text())
    assert [row["factor"] for row in rows if row["metric"] == "top_correlation"] == [None, "angle", "width"]


def test_commands_and_paths_that_the_readme_names_exist():
    for script in set(re.findall(r"(?:python|bash) ([\w/]+\.(?:py|sh))", README)):
        assert (ROOT / script).is_file(), script
    added = set(saved_blocks())
    for path in set(re.findall(r"`((?:configs|datasets|models|training|metrics|results|experiments|tests)/[\w/.]+\.\w+)`", README)):
        assert (ROOT / path).is_file() or path in added, path


def test_the_example_scores_as_the_readme_shows():
    (shown,) = (block for block in blocks() if block.startswith("example: "))
    result = run(ROOT, "score_representations.py", "example")
    assert result.returncode == 0
    assert shown.strip() in result.stdout


def test_the_python_interface_of_the_readme(monkeypatch):
    monkeypatch.chdir(ROOT)
    (code,) = (block for block in blocks() if block.startswith("from metrics import OMES"))
    *imports, call = code.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(imports), names)
    assert 0.6 < eval(call, names) < 0.75

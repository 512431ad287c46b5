"""The command of data sets as a user types it: each of its parts, and one line and exit code 2 for every kind of bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import prepare_datasets
from command_line import command
from datasets.images import dsprites_file
from datasets.preparation import transfer
from datasets.preparation.published_sets import PUBLISHED

ROOT = Path(__file__).parent.parent
VARIABLE = "DISENTANGLEMENT_TRANSFER_DATA"


def run(*words, root=None, program=(sys.executable, "prepare_datasets.py"), **environment):
    # No network, and told so at once: nothing listens at port 9.
    variables = {name: value for name, value in os.environ.items() if name != VARIABLE} | {
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "COLUMNS": "120",
        **environment,
    }
    if root is not None:
        variables[VARIABLE] = str(root)
    return subprocess.run([*program, *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=300, env=variables)


def refused(result, *said):
    assert result.returncode == 2, result
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1 and "Traceback" not in result.stderr
    for word in said:
        assert word in result.stderr
    return result


def damaged(root):
    path = root / "dsprites" / dsprites_file.FILE_NAME
    path.parent.mkdir(parents=True)
    path.write_text("<!DOCTYPE html><html>sign in</html>")
    return path


def test_list_says_what_is_here_and_what_the_others_take(tmp_path):
    damaged(tmp_path)
    for part in ("training", "testing"):
        (tmp_path / "small_norb").mkdir(exist_ok=True)
        instances = "46789" if part == "training" else "01235"
        (tmp_path / f"small_norb/smallnorb-5x{instances}x9x18x6x2x96x96-{part}-cat.mat").write_bytes(b"x")
    result = run("list", root=tmp_path)
    assert result.returncode == 0 and not result.stderr
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert "found" in lines["dsprites"] and "Apache 2.0" in lines["dsprites"]
    assert "2 of 6 files" in lines["smallnorb"]
    assert all(word in lines["mug_fed"] for word in ("missing", "by hand", "by signed agreement"))
    assert all(word in lines["mpi3d_real"] for word in ("missing", "12.0 GB", "fetch", "CC BY 4.0"))
    assert {one.name for one in PUBLISHED} <= set(lines)
    assert f"1 of {len(PUBLISHED)} sets are here in {tmp_path}" in result.stdout
    other = run("list", "--root", tmp_path)
    assert other.stdout == result.stdout


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_list_fits_the_terminal(tmp_path, width):
    result = run("list", root=tmp_path, COLUMNS=str(width))
    assert max(len(line) for line in result.stdout.splitlines() if str(tmp_path) not in line) <= width
    assert ("licence" in result.stdout.splitlines()[0]) or width < 100
    assert "Apache 2.0" in result.stdout or width < 100


def test_list_works_without_a_data_folder_and_says_so():
    result = run("list")
    assert result.returncode == 0 and f"{VARIABLE} is not set" in result.stdout.replace("\n", " ")


@pytest.mark.parametrize("words", [("fetch", "dsprites"), ("verify",), ("augment", "coil100"), ("pack", "mug_fed", "faces")])
def test_without_a_data_folder_the_others_say_which_variable_to_set(words):
    refused(run(*words), VARIABLE, "--root")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "required"),
        (("fetch",), "NAME"),
        (("sing",), "invalid choice"),
        (("fetch", "mnist"), "there is no published set 'mnist'; there are dsprites, 3dshapes"),
        (("fetch", "dsprites", "mnist"), "no published set 'mnist'"),
        (("fetch", "rendered_coil100"), "needs no file"),
        (("verify", "dsprites"), "prepare_datasets.py fetch dsprites"),
        (("verify", "mnist"), "no published set"),
        (("augment", "dsprites"), "invalid choice"),
        (("augment", "coil100"), "prepare_datasets.py fetch coil100"),
        (("pack", "mug_fed", "/nowhere"), "/nowhere"),
        (("card", "nothing"), "there is no data set 'nothing'; there are"),
        (("card", "/nowhere/mine.gin"), "there is no file /nowhere/mine.gin"),
        (("card", "isaac3d"), "prepare_datasets.py fetch isaac3d"),
        (("list", "--wrong"), "unrecognized"),
    ],
)
def test_bad_input_is_one_line(tmp_path, words, said):
    refused(run(*words, root=tmp_path), said)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_data_folder_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    refused(run("fetch", "dsprites", root=tmp_path / "file"), "is a file")


def test_fetch_without_a_network_is_one_line_and_leaves_nothing(tmp_path):
    result = refused(run("fetch", "dsprites", root=tmp_path), "no connection", "github.com", "run the same command again")
    assert "no hash of dsprites_ndarray" in result.stdout
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_cannot_be_fetched_says_what_to_do(tmp_path):
    result = refused(run("fetch", "celeba", root=tmp_path), "by hand")
    for said in ("mmlab.ie.cuhk.edu.hk", "00d2c5bc6d35e252742224ab0c1e8fcb", str(tmp_path / "downloads/img_align_celeba.zip"), "licence"):
        assert said in result.stdout
    assert "pack mug_fed FOLDER" in refused(run("fetch", "mug_fed", root=tmp_path)).stdout
    assert not list(tmp_path.iterdir())


def test_verify_ends_with_2_where_anything_is_wrong(tmp_path):
    path = damaged(tmp_path)
    for words in (("verify",), ("verify", "dsprites"), ("verify", "--no_hash")):
        result = refused(run(*words, root=tmp_path), "1 of 1 sets is not as published")
        assert "dsprites: WRONG" in result.stdout and str(path) in result.stdout and "no npz at all" in result.stdout
    (tmp_path / "scream").mkdir()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (400, 320, 3), dtype=np.uint8)).save(tmp_path / "scream/scream.jpg")
    result = refused(run("verify", root=tmp_path), "1 of 2 sets is not as published")
    assert "scream-dsprites: right" in result.stdout
    result = run("verify", "scream-dsprites", root=tmp_path)
    assert result.returncode == 0 and not result.stderr and "no hash of scream.jpg is known" in result.stdout


def test_verify_with_nothing_there_says_so(tmp_path):
    result = run("verify", root=tmp_path)
    assert result.returncode == 0 and "there is no published set in" in result.stdout


def typed(monkeypatch, capsys, *words):
    """The command in this process: (exit code, output, errors)."""
    monkeypatch.setattr(sys, "argv", ["prepare_datasets.py", *map(str, words)])
    monkeypatch.setenv(VARIABLE, os.environ.get(VARIABLE, ""))  # put back after --root
    code = 0
    try:
        command(prepare_datasets.main)
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    return code, said.out, said.err


def test_fetch_and_verify_as_typed(tmp_path, monkeypatch, capsys):
    from tests.datasets.preparation.test_fetching import CONTENT, NAME, SPACE, described
    from tests.mirror import Mirror, serving

    monkeypatch.setattr(dsprites_file, "FRAME_SPACE", SPACE)
    monkeypatch.setattr(transfer, "PAUSE", 0.0)
    with serving(Mirror({f"/{NAME}": CONTENT}, cut=[len(CONTENT) // 2])) as mirror:
        monkeypatch.setattr(prepare_datasets, "PUBLISHED", (described(mirror),))
        assert typed(monkeypatch, capsys, "fetch", "dsprites", "--root", tmp_path)[::2] == (0, "")
    code, said, _ = typed(monkeypatch, capsys, "verify", "--root", tmp_path)
    assert code == 0 and "dsprites: right" in said
    (tmp_path / "dsprites" / NAME).write_bytes(CONTENT[:-100])
    code, said, error = typed(monkeypatch, capsys, "verify", "--root", tmp_path)
    assert code == 2 and "sha256" in said and "cut" in said and error.count("\n") == 1


def test_a_card_shows_each_factor_with_the_others_held(tmp_path):
    result = run("card", "dsprites_color", "--output", tmp_path / "cards", root="")
    assert result.returncode == 0, result.stderr
    text = (tmp_path / "cards" / "dsprites-color.md").read_text()
    for said in (
        "rendered: dSprites",
        "5,160,960 of 3 x 64 x 64",
        "| color | categorical | 7 |",
        "0 = 39",
        "Apache 2.0",
        "Every combination",
    ):
        assert said in text
    picture = np.asarray(Image.open(tmp_path / "cards" / "dsprites-color.png").convert("RGB"))
    assert picture.shape[0] > 6 * 128 and picture.shape[1] > 10 * 128
    assert result.stdout.splitlines() == [str(tmp_path / "cards" / f"dsprites-color.{end}") for end in ("md", "png")]


def test_a_card_of_ones_own_images(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    factors = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 0]])
    np.savez(tmp_path / "mine.npz", images=images, factors=factors, names=np.array(["kind", "size"]))
    (tmp_path / "mine.gin").write_text(
        "# My images.\nfrom __gin__ import dynamic_registration\nfrom datasets import array_dataset\nfrom datasets import batches\n\n"
        f"batches.Observed.dataset = @array_dataset.from_npz()\narray_dataset.from_npz.path = '{tmp_path / 'mine.npz'}'\n"
    )
    result = run("card", tmp_path / "mine.gin", "--output", tmp_path)
    assert result.returncode == 0, result.stderr
    text = (tmp_path / "mine.md").read_text()
    assert "My images." in text and "5 of 6 combinations of values are there; 1 observations repeat one." in text


def test_the_script_fetches_what_it_is_told(tmp_path):
    script = ("bash", "bash_scripts/download_datasets.sh")
    refused(run("mnist", "--root", tmp_path, program=script, PYTHON=sys.executable), "no published set 'mnist'")
    refused(run(program=script, PYTHON=sys.executable), VARIABLE)
    result = refused(run("--root", tmp_path, program=script, PYTHON=sys.executable), "6 of 6 sets could not be fetched", "dsprites")
    assert "cannot fetch dsprites" in result.stdout and "cannot fetch coil-100.zip" in result.stdout


def test_no_loader_downloads():
    for path in (ROOT / "datasets").rglob("*.py"):
        if path.parent.name != "preparation":
            assert not any(word in path.read_text() for word in ("urllib", "requests", "urlopen", "socket", "pooch"))

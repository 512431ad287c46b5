"""The scoring command as a user types it: a table, a file of rows, no torch, and one line for every kind of bad input."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from foundation.randomness import stream
from tests.metrics.codes import grid, reference_folder

ROOT = Path(__file__).parent.parent


def score(*arguments, environment=None):
    command = [sys.executable, "score_representations.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, env=environment)


def save(folder, classes="", **arrays):
    folder.mkdir(exist_ok=True)
    (folder / "classes.csv").write_text(classes)
    np.savez(folder / "representations.npz", **arrays)
    return folder


def table(factors, names="hue,scale,shape"):
    return names + "\n" + "\n".join(",".join(f"{value:.1f}" for value in row) for row in factors) + "\n"


@pytest.fixture
def folder(tmp_path):
    factors = grid((4, 5, 3))
    codes = np.column_stack([factors + 0.2 * stream(0, "noise").normal(size=factors.shape), np.zeros(60)])
    return save(tmp_path / "codes", table(factors), mean=codes, sampled=codes + stream(1, "noise").normal(size=codes.shape))


def test_table_and_file(folder, tmp_path):
    finished = score(folder, "--output", tmp_path / "scores.json")
    assert finished.returncode == 0 and not finished.stderr
    for said in (
        "60 samples, 4 dimensions, 3 factors",
        "null",
        "ceiling",
        "std. error",
        "omes by factor",
        "scale",
        "OMES: 1 is out of reach",
    ):
        assert said in finished.stdout
    assert "take no part in OMES: 3" in finished.stdout
    rows = json.loads((tmp_path / "scores.json").read_text(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert all(set(row) == {"metric", "setting", "factor", "value"} for row in rows)
    omes = {(r["setting"]["pooling"], r["setting"]["alpha"], r["factor"]): r["value"] for r in rows if r["metric"] == "omes"}
    assert len(omes) == 2 * 11 * 4
    assert f"{omes['max', 0.5, None]:.4f}" in finished.stdout and f"{omes['max', 0.5, 'shape']:.4f}" in finished.stdout
    metrics = {row["metric"] for row in rows}
    assert {"omes_null", "omes_ceiling", "omes_standard_error", "omes_pairs", "omes_dimension", "mig", "mig_null", "mig_ceiling"} <= metrics
    assert "omes_unbiased" not in metrics


def test_choices(folder, tmp_path):
    def rows(*arguments):
        finished = score(folder, "--output", tmp_path / "s.json", *arguments)
        assert finished.returncode == 0, finished.stderr
        return json.loads((tmp_path / "s.json").read_text())

    everything = rows("--metrics", "all", "--mode", "sampled", "--kinds", "hue=circular,shape=categorical")
    assert {"omes", "omes_unbiased", "mig"} <= {row["metric"] for row in everything}
    assert {row["setting"]["mode"] for row in everything} == {"sampled"}
    assert {row["metric"].split("_")[0] for row in rows("--metrics", "mig")} == {"mig"}
    assert rows("--seed", 1) == rows("--seed", 1) != rows("--seed", 2)


def test_a_constant_factor_is_named_and_the_others_are_scored(tmp_path):
    factors = grid((4, 5))
    folder = save(tmp_path / "c", table(np.column_stack([factors, np.ones(20)])), mean=factors * 1.0)
    finished = score(folder, "--output", tmp_path / "s.json")
    assert finished.returncode == 0
    assert "Not scored: omes, mig of shape, constant" in finished.stdout
    scored = {row["factor"] for row in json.loads((tmp_path / "s.json").read_text()) if row["metric"] == "mig"}
    assert scored == {None, "hue", "scale"}


@pytest.mark.parametrize(
    "metrics, absent", [("omes,mig", {"torch", "gin", "sklearn", "scipy", "numba", "matplotlib"}), ("all", {"torch", "gin", "matplotlib"})]
)
def test_no_torch_no_figures_and_nothing_else_that_is_not_needed_is_imported(folder, metrics, absent):
    program = (
        f"import sys; sys.argv = ['score', {str(folder)!r}, '--metrics', {metrics!r}]; import score_representations as s; s.main();"
        f"sys.exit(', '.join({absent!r} & set(sys.modules)) or None)"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_import_of_metrics_is_quick():
    program = "import time; a = time.process_time(); import metrics.available; print(time.process_time() - a)"
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert float(finished.stdout) < 1


def test_intervals_csv_latex_and_figures(folder, tmp_path):
    outputs = (
        "--csv",
        tmp_path / "s.csv",
        "--latex",
        tmp_path / "s.tex",
        "--figure",
        tmp_path / "figures",
        "--output",
        tmp_path / "s.json",
    )
    finished = score(folder, "--metrics", "omes,mig,factor_vae", "--interval", 20, *outputs)
    assert finished.returncode == 0 and not finished.stderr
    assert "95 % interval" in finished.stdout and "std. error" not in finished.stdout
    with open(tmp_path / "s.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    mig = {line["factor"]: line for line in lines if line["metric"] == "mig"}
    assert set(mig) == {"", "hue", "scale", "shape"} and mig[""]["interval"] == "subsamples"
    assert all(float(line["low"]) <= float(line["value"]) <= float(line["high"]) for line in mig.values())
    assert {line["interval"] for line in lines if line["metric"] == "omes"} == {"jackknife"}
    rows = json.loads((tmp_path / "s.json").read_text())
    low = next(row for row in rows if row["metric"] == "mig_low" and row["factor"] is None)
    assert low["setting"]["subsample_rows"] == 30 and low["setting"]["subsamples"] == 20
    assert low["value"] == float(mig[""]["low"])
    text = (tmp_path / "s.tex").read_text()
    assert r"factor\_vae" in text and r"95 \% interval" in text and text.count(r"\\") == finished.stdout.split("\n\n")[1].count("\n") + 1
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"omes_association.png", "mig_mutual_information.png"}
    assert score(folder, "--figure", tmp_path / "all.png").returncode == 0
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_a_figure_is_one_clear_line(folder, tmp_path):
    program = (
        "import sys; sys.modules['matplotlib'] = None; import score_representations as s; from command_line import command;"
        f"sys.argv = ['score', {str(folder)!r}, '--figure', {str(tmp_path / 'all.png')!r}]; command(s.main)"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert finished.returncode == 2 and "pip install matplotlib" in finished.stderr and finished.stderr.count("\n") == 1


def test_several_runs_stand_side_by_side_and_are_ranked(folder, tmp_path):
    factors = grid((4, 5, 3))
    mixed = factors @ stream(2, "mixing").normal(size=(3, 3))
    other = save(tmp_path / "other", table(factors), mean=mixed)
    third = save(tmp_path / "third", table(factors), mean=factors[:, ::-1] * -2.0)
    finished = score(folder, other, third, "--output", tmp_path / "s.json", "--metrics", "mig,udr", "--interval", 10)
    assert finished.returncode == 0, finished.stderr
    rows = json.loads((tmp_path / "s.json").read_text())
    udr = {row["setting"]["run"]: row["value"] for row in rows if row["metric"] == "udr" and row["setting"]["relation"] == "lasso"}
    assert set(udr) == {str(folder), str(other), str(third)} and udr[str(other)] < udr[str(third)]
    assert {row["setting"]["folder"] for row in rows if row["metric"] == "mig"} == set(udr)
    assert {"udr_null", "udr_low", "udr_high", "mig_null"} <= {row["metric"] for row in rows}
    assert finished.stdout.count(f"udr  {folder}") or finished.stdout.count("udr") >= 6
    again = score(folder, third)
    assert "udr" in again.stdout and "udr" not in score(folder).stdout


def test_explain(folder):
    finished = score(folder, "--explain", "--metrics", "mig,factor_vae")
    assert finished.returncode == 0, finished.stderr
    assert "What the numbers of" in finished.stdout and "Dimension 3 is dead" in finished.stdout


def test_a_closed_pipe_is_no_fault(folder):
    shell = f"{sys.executable} score_representations.py {folder} | true; exit ${{PIPESTATUS[0]}}"
    finished = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert finished.returncode in (0, 141) and not finished.stderr


def truncated(folder):
    path = folder / "representations.npz"
    path.write_bytes(path.read_bytes()[:500])


def rewritten(**arrays):
    return lambda folder: np.savez(folder / "representations.npz", **arrays)


def classes(text):
    return lambda folder: (folder / "classes.csv").write_text(text)


FACTORS = grid((4, 5, 3))
BAD_INPUT = {
    "unknown metric": (None, ("--metrics", "omes,magic"), "metrics are omes, omes_unbiased, mig"),
    "unknown mode": (None, ("--mode", "median"), "median"),
    "unknown kind": (None, ("--kinds", "hue=round"), "kinds are categorical"),
    "unknown factor": (None, ("--kinds", "colour=circular"), "the factors are hue, scale, shape"),
    "kinds without a kind": (None, ("--kinds", "hue"), "factor=kind"),
    "negative seed": (None, ("--seed", "-1"), "seed"),
    "no such folder": (lambda folder: folder.rename(folder.with_name("moved")), (), "no folder"),
    "no codes": (lambda folder: (folder / "representations.npz").unlink(), (), "representations.npz"),
    "truncated codes": (truncated, (), "representations.npz"),
    "npz without the mode": (rewritten(sampled=np.ones((60, 2))), (), "the arrays there are sampled"),
    "pickled codes": (rewritten(mean=np.array([[None, "x"]] * 60, dtype=object)), (), "representations.npz"),
    "codes of another length": (rewritten(mean=np.ones((59, 2))), (), "59 rows, but classes.csv 60"),
    "codes that are NaN": (rewritten(mean=np.full((60, 2), np.nan)), (), "NaN or infinite"),
    "codes that are infinite": (rewritten(mean=np.full((60, 2), np.inf)), (), "NaN or infinite"),
    "codes without a second axis": (rewritten(mean=np.ones(60)), (), "[samples, dimensions]"),
    "all dimensions dead": (rewritten(mean=np.ones((60, 2))), ("--metrics", "omes"), "dead"),
    "no classes": (lambda folder: (folder / "classes.csv").unlink(), (), "classes.csv"),
    "words for classes": (classes(table(FACTORS).replace("2.0", "two", 1)), (), "'two'"),
    "missing class": (classes(table(FACTORS).replace("2.0", "", 1)), (), "is missing"),
    "repeated name": (classes(table(FACTORS, "hue,hue,shape")), (), "twice"),
    "no header": (classes(table(FACTORS, "0,1,2")), (), "must name the factors"),
    "all factors constant": (classes(table(np.ones((60, 3)))), (), "constant"),
    "description that does not fit": (lambda folder: (folder / "factors.json").write_text("{"), (), "factors.json"),
    "no place for the file": (None, ("--output", "pyproject.toml/scores.json"), "cannot write"),
    "no place for the table": (None, ("--csv", "pyproject.toml/scores.csv"), "cannot write"),
    "no place for LaTeX": (None, ("--latex", "pyproject.toml/scores.tex"), "cannot write"),
    "no place for figures": (None, ("--figure", "pyproject.toml/figures"), "cannot write"),
    "one folder for udr": (None, ("--metrics", "udr"), "two or more"),
    "a folder named twice": (None, ("SAME",), "named twice"),
    "runs of other samples": (None, ("OTHER",), "other samples"),
    "negative interval": (None, ("--interval", "-5"), "--interval"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_one_line_exit_code_2_and_no_file(folder, tmp_path, case):
    damage, arguments, said = BAD_INPUT[case]
    if damage:
        damage(folder)
    if "OTHER" in arguments:
        save(tmp_path / "OTHER", table(FACTORS[::-1]), mean=np.ones((60, 2)) * FACTORS[:, :1])
    arguments = [{"SAME": folder, "OTHER": tmp_path / "OTHER"}.get(argument, argument) for argument in arguments]
    before = set(tmp_path.rglob("*"))
    finished = (
        score(folder, *arguments[:1], "--output", tmp_path / "scores.json", *arguments[1:])
        if len(arguments) == 1
        else score(folder, "--output", tmp_path / "scores.json", *arguments)
    )
    assert finished.returncode == 2, finished.stdout
    assert finished.stderr.startswith("error: ") and finished.stderr.count("\n") == 1 and said in finished.stderr
    assert not finished.stdout
    assert set(tmp_path.rglob("*")) == before


def test_one_sample(tmp_path):
    folder = save(tmp_path / "one", "hue\n1\n", mean=np.ones((1, 3)))
    finished = score(folder)
    assert finished.returncode == 2 and "at least 2" in finished.stderr and finished.stderr.count("\n") == 1


def test_published_example(tmp_path):
    finished = score(reference_folder("example"), "--output", tmp_path / "s.json")
    assert finished.returncode == 0
    rows = json.loads((tmp_path / "s.json").read_text())
    means = {
        (row["setting"]["pooling"], row["setting"]["alpha"]): row["value"] for row in rows if row["metric"] == "omes" and not row["factor"]
    }
    assert [round(means["max", alpha], 4) for alpha in (1.0, 0.5, 0.0)] == [0.7561, 0.7313, 0.7065]

"""Scores saved codes: how well each factor of variation has a place of its own among the dimensions. Needs no model, no torch.

    python score_representations.py FOLDER
    python score_representations.py FOLDER --metrics all --interval 200 --output scores.json --latex scores.tex --figure figures
    python score_representations.py RUN_1 RUN_2 RUN_3          # several runs on the same samples: side by side, and ranked by UDR
    python score_representations.py FOLDER --explain           # what the numbers show, in words

FOLDER holds representations.npz (arrays `mean` and `sampled`, one row per sample) and classes.csv (a header of factor names, one row
per sample). Beside each score stand its 95 % interval (with --interval), what shuffled codes get (null) and what a perfect code gets
on these samples (ceiling). The files have every setting and every factor: JSON as a list of rows {"metric", "setting", "factor",
"value"}, factor null for the mean; CSV one score a line; LaTeX the table of the terminal (needs booktabs); figures the matrices of
dimensions and factors that scores rest on (needs matplotlib). requirements-score.txt is all else that has to be installed.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import foundation.blas_threads  # noqa: F401 - before numpy
from command_line import Parser, command
from foundation.atomic_files import check_place
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.available import METRICS, Available, metrics_named
from metrics.reference_codes import ReferenceCodes
from metrics.representation import Representation
from metrics.representation_files import MODES, load_representation
from metrics.scores import Scores, score_rows
from metrics.udr import of_run, udr
from results.score_files import write_csv, write_figures, write_json, write_latex
from results.score_lines import Line, aligned, lines_of
from results.score_table import by_factor, factor_details, headline_setting, refusals, summary

WIDTH = 100  # of running text in the terminal
FEW = 3  # metrics that are shown factor by factor, with what must be known of each


def main() -> None:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, metavar="FOLDER", nargs="+", help="folder with representations.npz and classes.csv")
    parser.add_argument("--mode", choices=MODES, default="mean", help="which array to score (default: mean)")
    parser.add_argument("--metrics", metavar="NAMES", help="comma-separated, or all (default: omes,mig; udr too for several folders)")
    parser.add_argument("--interval", type=_natural, default=0, metavar="N", help="95 %% intervals from N subsamples (200 is plenty)")
    parser.add_argument("--seed", type=_natural, default=0, help="of all random draws (default: 0)")
    parser.add_argument("--kinds", type=_kinds, default={}, metavar="FACTOR=KIND,...", help="factors that are not ordinal")
    parser.add_argument("--output", type=Path, metavar="FILE.json", help="write all rows there")
    parser.add_argument("--csv", type=Path, metavar="FILE.csv", help="write all scores with their intervals there, one a line")
    parser.add_argument("--latex", type=Path, metavar="FILE.tex", help="write the table there")
    parser.add_argument("--figure", type=Path, metavar="FILE.png|FOLDER", help="draw heat maps: all in one file, or one each")
    parser.add_argument("--explain", action="store_true", help="say in words what the numbers show")
    arguments = parser.parse_args()
    names = [str(folder) for folder in arguments.folders]
    if len(set(names)) < len(names):
        raise UserError(f"{next(name for name in names if names.count(name) > 1)} is named twice")
    metrics, ranked = _chosen(arguments.metrics, len(names))
    for path in (arguments.output, arguments.csv, arguments.latex, arguments.figure):
        if path is not None:
            check_place(path)
    runs = {
        name: load_representation(folder, arguments.mode, arguments.kinds) for name, folder in zip(names, arguments.folders, strict=True)
    }
    found = {name: _scored(metrics, run, arguments.seed, arguments.interval) for name, run in runs.items()}
    for name, scores in found.items():
        if metrics and not any(score_rows(one.rows) for one in scores.values()):
            raise UserError(f"{name} cannot be scored: {'; '.join(said.removeprefix('Not scored: ') for said in refusals(scores))}")
    across = _ranked(runs, arguments.seed, arguments.interval) if ranked else Scores()
    lines = [line for name, scores in found.items() for one in scores.values() for line in lines_of(name, one)]
    lines += [line for name in runs for line in lines_of(name, of_run(across, name))]
    written = _write(arguments, found, across, lines)
    sys.stdout.write(report(runs, found, lines))
    if arguments.explain:
        sys.stdout.write(_explained(arguments.folders, runs, found, arguments.kinds))
    sys.stdout.write("".join(f"\n{said}\n" for said in written))


def report(runs: Mapping[str, Representation], found: Mapping[str, Mapping[str, Scores]], lines: list[Line]) -> str:
    """The whole text for the terminal."""
    text = "".join(f"{_described(name, run)}\n" for name, run in runs.items()) + "\n" + aligned(summary(lines), words=3)
    for name, scores in found.items():
        several = f" ({name})" if len(found) > 1 else ""
        if len(scores) <= FEW:
            for metric, one in scores.items():
                if table := factor_details(metric, one):
                    text += f"\n{aligned(table)}({headline_setting(metric, one)}){several}\n"
        dead = {label for one in scores.values() for m in one.matrices.values() for label in m.rows if label.endswith("dead")}
        if dead:
            numbers = sorted(int(label.split()[0]) for label in dead)
            text += f"\nDead dimensions, which hardly vary and take no part in OMES: {', '.join(map(str, numbers))}{several}\n"
        for refusal in refusals(scores):
            text += f"\n{textwrap.fill(f'{refusal}{several}', WIDTH)}\n"
    if max(map(len, found.values())) > FEW:
        text += f"\n{aligned(by_factor(lines), words=3)}"
    used = dict.fromkeys(metric for scores in found.values() for metric in scores)
    if len(used) <= FEW:
        return text + "".join(f"\n{textwrap.fill(METRICS[metric].caution, WIDTH)}\n" for metric in used)
    return text + f"\nWhat each score cannot tell is said in its file, metrics/NAME.py, and here where no more than {FEW} are asked for.\n"


def _described(name: str, run: Representation) -> str:
    samples, dimensions = run.codes.shape
    size = f"{samples:,} samples, {dimensions} dimensions, {len(run.factor_space)} factors"
    return f"{name}: {size}; mode {run.mode}, sample {run.sample}"


def _chosen(names: str | None, folders: int) -> tuple[dict[str, Available], bool]:
    """The metrics of every folder, and whether to rank the folders."""
    if names is None or names == "all":
        return metrics_named(names or "omes,mig"), folders > 1
    asked = [name.strip() for name in names.split(",")]
    if "udr" in asked and folders < 2:
        raise UserError("udr compares runs: name the folders of two or more, on the same samples")
    return metrics_named([name for name in asked if name != "udr"]), "udr" in asked


def _scored(metrics: Mapping[str, Available], run: Representation, seed: int, interval: int) -> dict[str, Scores]:
    references = ReferenceCodes(run, stream(seed, "shuffled"))
    return {
        name: metric.score(run, stream(seed, "score", name), interval=interval, references=references) for name, metric in metrics.items()
    }


def _ranked(runs: Mapping[str, Representation], seed: int, interval: int) -> Scores:
    found = [udr(runs, stream(seed, "score", "udr", relation), relation=relation, interval=interval) for relation in ("lasso", "spearman")]
    rows = [row for one in found for row in one.rows]
    matrices = {f"udr_{relation}": one.matrices["udr"] for relation, one in zip(("lasso", "spearman"), found, strict=True)}
    return Scores(rows, matrices)


def _explained(
    folders: list[Path], runs: Mapping[str, Representation], found: Mapping[str, Mapping[str, Scores]], kinds: dict[str, str]
) -> str:
    from results.explanation import explain

    text = ""
    for folder, (name, run) in zip(folders, runs.items(), strict=True):
        other = MODES[1 - MODES.index(run.mode)]
        try:
            beside = load_representation(folder, other, kinds)
        except UserError:
            beside = None  # many folders hold one mode only
        said = explain(run, found[name], beside)
        text += f"\nWhat the numbers of {name} show\n" + "".join(
            f"{textwrap.fill(line, WIDTH, initial_indent='- ', subsequent_indent='  ')}\n" for line in said
        )
    return text


def _write(arguments: argparse.Namespace, found: Mapping[str, Mapping[str, Scores]], across: Scores, lines: list[Line]) -> list[str]:
    said = []
    if arguments.output is not None:
        write_json(arguments.output, found, across)
        said.append(f"All settings are in {arguments.output}.")
    if arguments.csv is not None:
        write_csv(arguments.csv, lines)
        said.append(f"All scores with their intervals are in {arguments.csv}.")
    if arguments.latex is not None:
        write_latex(arguments.latex, lines)
        said.append(f"The table is in {arguments.latex}.")
    if arguments.figure is not None:
        drawn = write_figures(arguments.figure, found, across)
        where = drawn[0] if len(drawn) == 1 else arguments.figure
        said.append(f"{len(drawn)} figure{'s' * (len(drawn) > 1)}: {where}." if drawn else "None of these scores has a matrix to draw.")
    return said


def _kinds(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",")]
    for name, equals, kind in pairs:
        if not (name and equals and kind):
            raise argparse.ArgumentTypeError(f"{text!r} is not of the form factor=kind,factor=kind")
    return {name.strip(): kind.strip() for name, _, kind in pairs}


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return int(text)


if __name__ == "__main__":
    command(main)

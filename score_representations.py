"""Scores saved codes: how well each factor of variation has a place of its own among the dimensions. Needs no model, no torch.

    python score_representations.py FOLDER
    python score_representations.py FOLDER --metrics all --kinds orientation=circular --output scores.json

FOLDER holds representations.npz (arrays `mean` and `sampled`, one row per sample) and classes.csv (a header of factor names, one row
per sample). Beside each score stand what shuffled codes get (null), what a perfect code gets on these samples (ceiling) and the
standard error. The file has every setting, as a list of rows {"metric", "setting", "factor", "value"}; factor null is the mean.
requirements-score.txt is all that has to be installed.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from command_line import Parser, command
from foundation.atomic_files import write_text
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.available import CAUTIONS, metrics_named
from metrics.readable import readable
from metrics.representation import Representation
from metrics.representation_files import load_representation
from metrics.scores import Scores
from results.score_table import COMPANIONS, aligned, factor_table, headline_setting, summary_table

WIDTH = 100  # of running text in the terminal


def main() -> None:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder with representations.npz and classes.csv")
    parser.add_argument("--mode", choices=("mean", "sampled"), default="mean", help="which array to score (default: mean)")
    parser.add_argument("--metrics", default="omes,mig", metavar="NAMES", help="comma-separated, or all (default: omes,mig)")
    parser.add_argument("--seed", type=_natural, default=0, help="of the shuffled codes (default: 0)")
    parser.add_argument("--kinds", type=_kinds, default={}, metavar="FACTOR=KIND,...", help="factors that are not ordinal")
    parser.add_argument("--output", type=Path, metavar="FILE.json", help="write all rows there")
    arguments = parser.parse_args()
    metrics = metrics_named(arguments.metrics)
    representation = load_representation(arguments.folder, arguments.mode, arguments.kinds)
    found = {name: readable(metric, representation, stream(arguments.seed, "score", name)) for name, metric in metrics.items()}
    if not any(row.metric == name for name, scores in found.items() for row in scores.rows):
        raise UserError(f"{arguments.folder} cannot be scored: {'; '.join(dict.fromkeys(_refusals(found)))}")
    if arguments.output is not None:
        rows = [json.dumps(row.as_json(), ensure_ascii=False) for scores in found.values() for row in scores.rows]
        write_text(arguments.output, "[\n" + ",\n".join(rows) + "\n]\n")
    sys.stdout.write(report(arguments.folder, representation, found))
    if arguments.output is not None:
        sys.stdout.write(f"\nAll settings are in {arguments.output}.\n")


def report(folder: Path, representation: Representation, found: Mapping[str, Scores]) -> str:
    """The whole text for the terminal."""
    samples, dimensions = representation.codes.shape
    size = f"{samples:,} samples, {dimensions} dimensions, {len(representation.factor_space)} factors"
    text = f"{folder}: {size}; mode {representation.mode}, sample {representation.sample}\n\n"
    heading = [["score", "setting", "value", *COMPANIONS.values()]]
    text += aligned(heading + [line for name, scores in found.items() for line in summary_table(name, scores)], words=2)
    for name, scores in found.items():
        if table := factor_table(name, scores):
            text += f"\n{aligned(table)}({headline_setting(name, scores)})\n"
    dead = {label for scores in found.values() for m in scores.matrices.values() for label in m.rows if label.endswith("dead")}
    if dead:
        numbers = sorted(int(label.split()[0]) for label in dead)
        text += f"\nDead dimensions, which hardly vary and take no part in OMES: {', '.join(map(str, numbers))}\n"
    for refusal in dict.fromkeys(_refusals(found)):
        text += f"\nNot scored: {refusal}\n"
    return text + "".join(f"\n{textwrap.fill(CAUTIONS[name], WIDTH)}\n" for name in found)


def _refusals(found: Mapping[str, Scores]) -> list[str]:
    return [
        f"{refusal.metric}{'' if refusal.factor is None else f' of {refusal.factor}'}, {refusal.reason}"
        for scores in found.values()
        for refusal in scores.refusals
    ]


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

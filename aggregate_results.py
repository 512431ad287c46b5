"""Collects the scores of all seeds of an experiment into one tidy table and its summary.

    python aggregate_results.py --experiment weak_dsprites_color
    python aggregate_results.py --experiment weak_dsprites_color weak_dsprites_color_to_3dshapes --seeds 10
    python aggregate_results.py --published stib

Writes scores.csv (one row per number), summary.csv (mean, standard deviation, number of seeds), summary.md and
figures/learning_curves.png (the terms of all seeds, their mean and spread) into output/<experiment>/; with --published, a table of a
paper (a file in configs/published/) with our figures before theirs. Seeds and stages that are missing or failed are listed with the
reason, never passed over.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from command_line import Parser, command
from results.aggregate import aggregate
from results.published import published_table


def main() -> None:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--experiment", nargs="+", default=[], metavar="NAME", help="experiments: folders of --output")
    what.add_argument("--published", metavar="TABLE", help="a published table: a file in configs/published/")
    parser.add_argument("--output", type=Path, default=Path("output"), help="where runs are kept (default: output)")
    parser.add_argument("--seeds", type=int, metavar="N", help="list seeds 0 to N-1 that are not there (default: gaps only)")
    arguments = parser.parse_args()
    if arguments.published:
        sys.stdout.write(published_table(arguments.output, arguments.published) + "\n")
    for experiment in dict.fromkeys(arguments.experiment):
        sys.stdout.write(aggregate(arguments.output, experiment, arguments.seeds) + "\n")


if __name__ == "__main__":
    command(main)

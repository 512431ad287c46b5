"""Collects the scores of all seeds of an experiment into one tidy table and its summary.

    python aggregate_results.py --experiment weak_dsprites_color
    python aggregate_results.py --experiment weak_dsprites_color weak_dsprites_color_to_3dshapes --seeds 10

Writes scores.csv (one row per number), summary.csv (mean, standard deviation, number of seeds) and summary.md into
output/<experiment>/. Seeds and stages that are missing or failed are listed with the reason, never passed over.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from command_line import Parser, command
from results.aggregate import aggregate


def main() -> None:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiment", nargs="+", required=True, metavar="NAME", help="experiments: folders of --output")
    parser.add_argument("--output", type=Path, default=Path("output"), help="where runs are kept (default: output)")
    parser.add_argument("--seeds", type=int, metavar="N", help="list seeds 0 to N-1 that are not there (default: gaps only)")
    arguments = parser.parse_args()
    for experiment in dict.fromkeys(arguments.experiment):
        sys.stdout.write(aggregate(arguments.output, experiment, arguments.seeds) + "\n")


if __name__ == "__main__":
    command(main)

"""Compares transfers before and after the fine-tuning: per factor and overall, with the improvement in points.

    python compare_transfer.py --experiment weak_dsprites_color_to_3dshapes
    python compare_transfer.py --experiment a_to_b a_beta2_to_b --values_to_aggregate beta

The runs of an experiment are averaged over their seeds. With `--values_to_aggregate beta` (or any other setting), experiments that
differ in nothing else are averaged together; with `seed` or `model_num` (the default) each experiment stands for itself.
Writes comparison.md, comparison.csv, comparison.tex and figures into output/<experiment>/comparison/.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from command_line import Parser, command
from results.transfer import comparison_folder, read_comparison, write_comparison


def main() -> None:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiment", nargs="+", required=True, metavar="SOURCE_to_TARGET", help="transfers: folders of --output")
    parser.add_argument(
        "--values_to_aggregate", nargs="+", default=["seed"], metavar="SETTING", help="settings to average over (default: seed)"
    )
    parser.add_argument("--output", type=Path, default=Path("output"), help="where runs are kept (default: output)")
    parser.add_argument("--to", type=Path, metavar="DIR", help="where the comparison goes (default: in the folder of the experiment)")
    arguments = parser.parse_args()
    experiments = list(dict.fromkeys(arguments.experiment))
    comparison = read_comparison(arguments.output, experiments, arguments.values_to_aggregate)
    folder = arguments.to or comparison_folder(arguments.output, experiments)
    sys.stdout.write(write_comparison(comparison, folder) + "\n")


if __name__ == "__main__":
    command(main)

"""Writes one HTML file, with all pictures in it, on a Source and its transfers.

python make_report.py --experiment weak_dsprites_color weak_dsprites_color_to_3dshapes
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from command_line import Parser, command
from results.report import report_path, write_report


def main() -> None:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiment", nargs="+", required=True, metavar="NAME", help="experiments: folders of --output")
    parser.add_argument("--output", type=Path, default=Path("output"), help="where runs are kept (default: output)")
    parser.add_argument("--to", type=Path, metavar="FILE", help="where the report goes (default: into --output)")
    arguments = parser.parse_args()
    path = write_report(arguments.output, arguments.experiment, arguments.to or report_path(arguments.output, arguments.experiment))
    sys.stdout.write(f"written: {path} ({path.stat().st_size / 1e6:.1f} MB)\n")


if __name__ == "__main__":
    command(main)

"""What every metric costs: once, with null and ceiling, and how that grows with the samples.

    python -m benchmarks.metrics                      # codes like those of Shapes3D, 15,008 samples
    python -m benchmarks.metrics --folder example     # saved codes
    python -m benchmarks.metrics --curve              # 10,000 to 1,000,000 samples as well, without null and ceiling

CPU seconds of one thread of linear algebra, after one call on few samples that compiles and imports. Metrics that share fits are
timed in their order on the list, so that the second of them finds the fits of the first. The curve tells the largest memory of the
process as well.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import foundation.blas_threads  # noqa: F401 - before numpy
from benchmarks.generated_codes import generated
from foundation.randomness import stream
from metrics.available import METRICS
from metrics.reference_codes import ReferenceCodes
from metrics.representation import Representation
from metrics.representation_files import load_representation

SIZES = (10_000, 100_000, 1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="saved codes, in place of generated ones")
    parser.add_argument("--curve", action="store_true", help="from 10,000 to 1,000,000 samples as well")
    arguments = parser.parse_args()
    small = generated(300)
    for metric in METRICS.values():
        metric.metric(small, stream(0, "benchmark"))
    representation = load_representation(arguments.folder) if arguments.folder else generated(15_008)
    samples, dimensions = representation.codes.shape
    print(f"{samples:,} samples, {dimensions} dimensions, {len(representation.factor_space)} factors; CPU seconds")
    print(f"{'':24s} {'once':>8s} {'with null and ceiling':>22s}")
    references = ReferenceCodes(representation, stream(0, "shuffled"))
    totals = [0.0, 0.0]
    for name in METRICS:
        once = plain(name, representation)
        before = time.process_time()
        METRICS[name].score(representation, stream(0, "benchmark"), references=references)
        # A metric that shares fits has them from the call before.
        complete = time.process_time() - before + (once if METRICS[name].shares else 0)
        totals = [totals[0] + once, totals[1] + complete]
        print(f"{name:24s} {once:8.3f} {complete:22.3f}")
    print(f"{'together':24s} {totals[0]:8.3f} {totals[1]:22.3f}")
    if arguments.curve:
        curve()


def curve() -> None:
    """CPU seconds of one call each, for growing numbers of samples."""
    columns = [{name: plain(name, representation) for name in METRICS} for representation in map(generated, SIZES)]
    print(f"\n{'samples':24s} " + " ".join(f"{size:10,d}" for size in SIZES))
    for name in METRICS:
        print(f"{name:24s} " + " ".join(f"{column[name]:10.2f}" for column in columns))
    print(f"{'together':24s} " + " ".join(f"{sum(column.values()):10.2f}" for column in columns))
    print(f"largest memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


def plain(name: str, representation: Representation) -> float:
    """CPU seconds of the metric alone."""
    before = time.process_time()
    METRICS[name].metric(representation, stream(0, "benchmark"))
    return time.process_time() - before


if __name__ == "__main__":
    main()

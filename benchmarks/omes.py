"""OMES and MIG against plain implementations of the published procedures, and how their cost grows with the samples.

    python -m benchmarks.omes                          # codes like those of Shapes3D, 15,008 samples
    python -m benchmarks.omes --folder example         # saved codes
    python -m benchmarks.omes --no_curve

The reference for OMES is the released procedure in plain Python: groups in a dictionary, random pairs, one correlation per
factor, all of it again for each of the 22 scores, as the release does. (The release itself searches all samples for each
group, and takes 27 to 34 CPU seconds on the published example.) Ours is the exact estimator for all 22 scores at once. MIG's
is one joint histogram at a time. CPU seconds of one thread, the best of three; memory is the largest that numpy held at a
time beyond the codes.
"""

from __future__ import annotations

import argparse
import random
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.generated_codes import generated
from foundation.randomness import stream
from metrics.mig import mig
from metrics.omes import omes
from metrics.pair_scores import ALPHAS
from metrics.readable import readable
from metrics.representation import Representation
from metrics.representation_files import load_representation
from metrics.scores import Scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="saved codes to compare on, in place of generated ones")
    parser.add_argument("--no_curve", action="store_true", help="leave out the curve from 10,000 to 1,000,000 samples")
    arguments = parser.parse_args()
    representation = load_representation(arguments.folder) if arguments.folder else generated(15_008)
    samples, dimensions = representation.codes.shape
    print(f"{samples:,} samples, {dimensions} dimensions, {len(representation.factor_space)} factors")
    compare("OMES, 22 scores", partial(ours, omes, representation), partial(plain_omes, representation))
    compare("MIG", partial(ours, mig, representation), partial(plain_mig, representation))
    complete = seconds(partial(readable, omes, representation, stream(0, "benchmark")))
    print(f"OMES with standard error, ceiling and null: {complete:.3f} s")
    if not arguments.no_curve:
        curve()


def ours(metric: Callable[..., Scores], representation: Representation) -> float:
    """The score alone, max pooling and alpha 1/2 of OMES."""
    settings = {"jackknife_blocks": 0} if metric is omes else {}  # MIG has no standard error to leave out
    scores = metric(representation, stream(0, "benchmark"), **settings)
    headline = {"pooling": "max", "alpha": 0.5}
    values = [
        row.value
        for row in scores.rows
        if row.metric == metric.__name__ and row.factor is None and all(row.setting.get(k, v) == v for k, v in headline.items())
    ]
    return values[0]


def plain_omes(representation: Representation) -> float:
    """The released procedure, once for each pooling and alpha."""
    codes, factors = representation.codes, [tuple(row) for row in representation.factors.tolist()]
    shuffler = random.Random(0)
    found = {}
    for pooling in ("max", "avg"):
        for alpha in ALPHAS:
            columns = [plain_column(codes, factors, i, shuffler) for i in range(len(factors[0]))]
            association = np.array(columns).T.round(4)
            found[pooling, alpha] = plain_score(association[codes.std(axis=0, ddof=1) >= 0.05], pooling, alpha)
    return found["max", 0.5]


def plain_column(codes: np.ndarray, factors: list[tuple[int, ...]], factor: int, shuffler: random.Random) -> list[float]:
    """One minus the absolute correlation of each dimension over random pairs that differ in this factor alone."""
    groups: dict[tuple[int, ...], dict[int, int]] = defaultdict(dict)
    for row, values in enumerate(factors):
        groups[values[:factor] + values[factor + 1 :]].setdefault(values[factor], row)
    left, right = [], []
    for group in groups.values():
        members = list(group.values())
        for _ in members:
            shuffler.shuffle(members)
            left += members[0 : len(members) // 2 * 2 : 2]
            right += members[1::2]
    dimensions = codes.shape[1]
    correlation = np.corrcoef(codes[left], codes[right], rowvar=False)
    return [1 - abs(correlation[k, dimensions + k]) for k in range(dimensions)]


def plain_score(association: np.ndarray, pooling: str, alpha: float) -> float:
    """Overlap and multiple encoding of every dimension and factor, one at a time."""
    dimensions, factors = association.shape
    scores = []
    for i in range(factors):
        halves = []
        for own, axis in ((np.eye(factors)[i], 1), (None, 0)):
            values = []
            for k in range(dimensions):
                pattern = own if axis else np.eye(dimensions)[k]
                values.append((1 - np.abs(pattern - (association[k] if axis else association[:, i])).mean()) * association[k, i])
            halves.append(max(values) if pooling == "max" else np.average(values, weights=association[:, i]))
        scores.append(alpha * halves[0] + (1 - alpha) * halves[1])
    return float(np.mean(scores))


def plain_mig(representation: Representation) -> float:
    """MIG with numpy's digitize and a two-dimensional histogram for each dimension and factor."""
    gaps = []
    for factor in representation.factors.T:
        _, counts = np.unique(factor, return_counts=True)
        entropy = -(counts / counts.sum() * np.log(counts / counts.sum())).sum()
        information = []
        for values in representation.codes.T:
            binned = np.digitize(values, np.histogram(values, 20)[1][:-1])
            joint = np.histogram2d(binned, factor, bins=(np.arange(1, 22), np.arange(factor.max() + 2)))[0] / len(values)
            product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
            information.append((joint[joint > 0] * np.log(joint[joint > 0] / product[joint > 0])).sum())
        best, second = sorted(information)[-1:-3:-1]
        gaps.append((best - second) / entropy)
    return float(np.mean(gaps))


def compare(name: str, ours: Callable[[], float], plain: Callable[[], float]) -> None:
    fast, slow = seconds(ours), seconds(plain, times=1)
    print(f"{name}: {fast:.4f} s, plain {slow:.2f} s, ratio {slow / fast:.0f}; scores {ours():.4f} and {plain():.4f}")


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """CPU seconds of the fastest of several runs."""
    spent = []
    for _ in range(times):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)


def curve() -> None:
    """CPU seconds and memory of both scores, alone and complete, from 10,000 to 1,000,000 samples."""
    print("\n  samples   OMES s  complete s  memory MB    MIG s  complete s  memory MB")
    for samples in (10_000, 30_000, 100_000, 300_000, 1_000_000):
        representation = generated(samples)
        cells = []
        for metric in (omes, mig):
            complete = partial(metric, representation, stream(0, "benchmark"))
            cells.append(f"{seconds(partial(ours, metric, representation)):9.3f}")
            cells += [f"{seconds(complete, times=1):10.3f}", f"{peak_megabytes(complete):9.0f}"]
        print(f"{samples:9,}{'  '.join(cells)}")


def peak_megabytes(work: Callable[[], object]) -> float:
    """The most memory that was held at a time while this ran."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


if __name__ == "__main__":
    main()

"""Boosted trees of our own against scikit-learn's, and how the cost of the scores that rest on them grows with the samples.

    python -m benchmarks.trees                          # codes like those of Shapes3D, 3,000 samples
    python -m benchmarks.trees --samples 15008          # as many as published; scikit-learn then takes some four minutes
    python -m benchmarks.trees --folder example         # saved codes
    python -m benchmarks.trees --no_curve

Both fit the same algorithm to the same rows (the first two thirds), a factor at a time; importances and test accuracies are
compared, too. CPU seconds of one thread; ours after numba has compiled, which is told beside.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.generated_codes import generated
from foundation.randomness import stream
from metrics.boosted_trees import fit_boosted_trees, sorted_columns, tree_seeds, trees_of
from metrics.dci import dci, disentanglement
from metrics.dci_es import dci_es
from metrics.downstream import downstream
from metrics.factor_classifiers import Splitting, task_of
from metrics.representation import Representation
from metrics.representation_files import load_representation

NOISE = 0.03  # of the codes: little, so that trees have something to find


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=3000, help="how many codes to generate")
    parser.add_argument("--folder", type=Path, help="saved codes to compare on, in place of generated ones")
    parser.add_argument("--no_curve", action="store_true", help="leave out the curve from 3,000 to 100,000 samples")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # one thread for ours: the tables are of CPU seconds
    representation = load_representation(arguments.folder) if arguments.folder else generated(arguments.samples, NOISE)
    samples, dimensions = representation.codes.shape
    print(f"{samples:,} samples, {dimensions} dimensions, {len(representation.factor_space)} factors")
    compiling = seconds(partial(dci, generated(60, NOISE), stream(0, "benchmark")))[0]
    print(f"compiling, once on this machine: {compiling:.1f} s")
    compare(representation)
    shared(representation)
    if not arguments.no_curve:
        curve()


def compare(representation: Representation) -> None:
    """The same fits by both; the plain reference fits the factors one after the other, as disentanglement_lib does."""
    from sklearn.ensemble import GradientBoostingClassifier

    task = task_of("dci", representation, Splitting(rows=0))

    def ours() -> tuple[np.ndarray, np.ndarray]:
        columns = sorted_columns(task.codes)
        seeds = tree_seeds(0, [trees_of(len(np.unique(labels))) for labels in task.labels.T])
        fits = [fit_boosted_trees(columns, labels, seed) for labels, seed in zip(task.labels.T, seeds, strict=True)]
        right = [np.mean(fit.predict(task.test_codes) == test) for fit, test in zip(fits, task.test_labels.T, strict=True)]
        return np.stack([fit.importances for fit in fits], axis=1), np.array(right)

    def theirs() -> tuple[np.ndarray, np.ndarray]:
        generator = np.random.RandomState(0)
        fits = [GradientBoostingClassifier(random_state=generator).fit(task.codes, labels) for labels in task.labels.T]
        right = [np.mean(fit.predict(task.test_codes) == test) for fit, test in zip(fits, task.test_labels.T, strict=True)]
        return np.stack([fit.feature_importances_ for fit in fits], axis=1), np.array(right)

    fast, (our_importances, our_right) = seconds(ours)
    slow, (importances, right) = seconds(theirs)
    print(f"boosted trees of all factors: {fast:.2f} s, scikit-learn {slow:.1f} s, ratio {slow / fast:.0f}")
    apart = np.abs(our_importances - importances).max(), np.abs(our_right - right).max()
    print(f"  largest difference: importance {apart[0]:.4f}, accuracy {apart[1]:.4f}")
    print(f"  disentanglement {disentanglement(our_importances):.4f} and {disentanglement(importances):.4f}")


def shared(representation: Representation) -> None:
    """What each score costs when it is asked for after the others."""
    for metric in (dci, downstream, dci_es):
        spent, _ = seconds(partial(metric, representation, stream(0, "benchmark")))
        print(f"{metric.__name__}: {spent:.2f} s")


def curve() -> None:
    """CPU seconds of DCI on more and more samples, all of them taking part."""
    print("\n  samples    DCI s   microseconds a sample")
    for samples in (3_000, 10_000, 30_000, 100_000):
        spent, _ = seconds(partial(dci, generated(samples, NOISE), stream(0, "benchmark"), rows=0))
        print(f"{samples:9,}{spent:9.2f}{1e6 * spent / samples:24.0f}")


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds that this takes, and what it returns."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


if __name__ == "__main__":
    main()

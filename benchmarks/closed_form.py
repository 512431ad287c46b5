"""Closed-form metrics against plain implementations with scikit-learn and loops, and how their cost grows with the samples.

    OMP_NUM_THREADS=1 python -m benchmarks.closed_form                    # codes like those of Shapes3D, 15,008 samples
    OMP_NUM_THREADS=1 python -m benchmarks.closed_form --folder example   # saved codes
    OMP_NUM_THREADS=1 python -m benchmarks.closed_form --no_curve

The plain implementations are the procedures of the released libraries: one mutual_info_score for each dimension and factor, LinearSVC
and LogisticRegression for each of them, groups found by comparing all samples with each value. CPU seconds of one thread; ours the
best of three, after one call that is not counted. Scores stand beside them, so that one sees both compute the same.
"""

from __future__ import annotations

import argparse
import resource
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
from scipy.linalg import sqrtm
from scipy.special import digamma
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import mutual_info_classif
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, mutual_info_score, roc_auc_score
from sklearn.neighbors import KDTree
from sklearn.svm import LinearSVC

from benchmarks.generated_codes import generated
from benchmarks.omes import seconds
from foundation.randomness import stream
from metrics.ksg import ksg_mutual_information
from metrics.representation import Representation
from metrics.representation_files import load_representation

Plain = Callable[[np.ndarray, np.ndarray], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="saved codes to compare on, in place of generated ones")
    parser.add_argument("--no_curve", action="store_true", help="leave out the curve from 10,000 to 1,000,000 samples")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    representation = load_representation(arguments.folder) if arguments.folder else generated(15_008)
    codes, factors = representation.codes, representation.factors
    print(f"{len(codes):,} samples, {codes.shape[1]} dimensions, {factors.shape[1]} factors\n")
    print(f"{'metric':26}{'ours s':>9}{'plain s':>9}{'ratio':>7}{'score':>10}{'plain':>10}")
    totals = np.zeros(2)
    for name, plain in PLAIN.items():
        fast, slow = seconds(partial(score, name, representation)), seconds(partial(plain, codes, factors), times=1)
        totals += fast, slow
        values = f"{score(name, representation):10.4f}{plain(codes, factors):10.4f}"
        print(f"{name:26}{fast:9.4f}{slow:9.3f}{slow / fast:7.0f}{values}")
    print(f"{'all of them':26}{totals[0]:9.4f}{totals[1]:9.3f}{totals[1] / totals[0]:7.0f}")
    compare_ksg(codes, factors[:, 0].astype(np.float64))
    if not arguments.no_curve:
        curve()


def score(name: str, representation: Representation) -> float:
    """The last overall row of a metric: the test part, the norm, the explicitness of those that have several."""
    scores = getattr(import_module(f"metrics.{name}"), name)(representation, stream(0, "benchmark"))
    rows = [row for row in scores.rows if row.factor is None]
    wanted = {"explicitness": "test", "infomec": "compactness"}.get(name)
    return next(row.value for row in rows if wanted is None or row.setting.get("part") == wanted)


def table(codes: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Mutual information [D, F] of codes in 20 bins, one pair after the other."""
    binned = [np.digitize(column, np.histogram(column, 20)[1][:-1]) for column in codes.T]
    return np.array([[mutual_info_score(factor, column) for factor in factors.T] for column in binned])


def entropies(factors: np.ndarray) -> np.ndarray:
    return np.array([mutual_info_score(factor, factor) for factor in factors.T])


def plain_mig_sup(codes: np.ndarray, factors: np.ndarray) -> float:
    ranked = np.sort(table(codes, factors) / entropies(factors), axis=1)
    return float((ranked[:, -1] - ranked[:, -2]).mean())


def plain_dcimig(codes: np.ndarray, factors: np.ndarray) -> float:
    information = table(codes, factors)
    best = np.zeros(factors.shape[1])
    for row in information:
        i = row.argmax()
        best[i] = max(best[i], row[i] - np.delete(row, i).max())
    return float(best.sum() / entropies(factors).sum())


def plain_jemmig(codes: np.ndarray, factors: np.ndarray) -> float:
    information, found = table(codes, factors), []
    for i, own in enumerate(entropies(factors)):
        best, second = np.argsort(information[:, i])[::-1][:2]
        binned = np.digitize(codes[:, best], np.histogram(codes[:, best], 20)[1][:-1])
        joint = binned * 1000 + factors[:, i]
        raw = mutual_info_score(joint, joint) - information[best, i] + information[second, i]
        found.append(1 - raw / (own + np.log(20)))
    return float(np.mean(found))


def plain_modularity(codes: np.ndarray, factors: np.ndarray) -> float:
    squared = table(codes, factors) ** 2
    best = squared.max(axis=1)
    return float((1 - (squared.sum(axis=1) - best) / (best * (factors.shape[1] - 1))).mean())


def plain_factor_leakage(codes: np.ndarray, factors: np.ndarray) -> float:
    return float(np.sort(table(codes, factors), axis=0)[:-1].mean())


def plain_code_mutual_information(codes: np.ndarray, factors: np.ndarray) -> float:
    binned = [np.digitize(column, np.histogram(column, 20)[1][:-1]) for column in codes.T]
    return float(np.mean([mutual_info_score(a, b) for i, a in enumerate(binned) for j, b in enumerate(binned) if i != j]))


def plain_sap_continuous(codes: np.ndarray, factors: np.ndarray) -> float:
    ranked = np.sort(
        [[np.cov(code, factor)[0, 1] ** 2 / code.var(ddof=1) / factor.var(ddof=1) for factor in factors.T] for code in codes.T], axis=0
    )
    return float((ranked[-1] - ranked[-2]).mean())


def plain_sap_discrete(codes: np.ndarray, factors: np.ndarray) -> float:
    training = -(-2 * len(codes) // 3)
    accuracy = np.empty((codes.shape[1], factors.shape[1]))
    for d, code in enumerate(codes.T[:, :, None]):
        for i, factor in enumerate(factors.T):
            machine = LinearSVC(C=0.01, class_weight="balanced").fit(code[:training], factor[:training])
            accuracy[d, i] = (machine.predict(code[training:]) == factor[training:]).mean()
    ranked = np.sort(accuracy, axis=0)
    return float((ranked[-1] - ranked[-2]).mean())


def plain_irs(codes: np.ndarray, factors: np.ndarray) -> float:
    largest = np.abs(codes - codes.mean(axis=0)).max(axis=0)
    robust = []
    for factor in factors.T:
        values = np.unique(factor)
        deviations = [np.percentile(np.abs(codes[factor == v] - codes[factor == v].mean(axis=0)), 99, axis=0) for v in values]
        robust.append(1 - np.mean(deviations, axis=0) / largest)
    return float(np.average(np.max(robust, axis=0), weights=largest))


def plain_total_correlation(codes: np.ndarray, factors: np.ndarray) -> float:
    covariance = np.cov(codes, rowvar=False)
    return float(0.5 * (np.log(np.diag(covariance)).sum() - np.linalg.slogdet(covariance)[1]))


def plain_wasserstein_correlation(codes: np.ndarray, factors: np.ndarray) -> float:
    covariance = np.cov(codes, rowvar=False)
    return float(2 * np.trace(covariance) - 2 * np.trace(sqrtm(covariance * np.diag(covariance)[:, None])).real)


def plain_explicitness(codes: np.ndarray, factors: np.ndarray) -> float:
    training = -(-2 * len(codes) // 3)
    inputs = (codes - codes[:training].mean(axis=0)) / codes[:training].std(axis=0)
    areas = []
    for factor in factors.T:
        model = LogisticRegression().fit(inputs[:training], factor[:training])
        for rows in (slice(0, training), slice(training, None)):
            areas.append(roc_auc_score(np.eye(factor.max() + 1)[factor[rows]], model.predict_proba(inputs[rows])))
    return float(np.mean(areas[1::2]))


def plain_infomec(codes: np.ndarray, factors: np.ndarray) -> float:
    inputs = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    information, explained = [], []
    for factor in factors.T:
        information.append(mutual_info_classif(inputs, factor, n_neighbors=10, random_state=0))
        model = LogisticRegression(C=np.inf, class_weight="balanced").fit(inputs, factor)
        explained.append(log_loss(factor, model.predict_proba(inputs)))
    ranges = np.ptp(codes, axis=0)
    active = np.array(information)[:, ranges > ranges.max() / 20]
    return float(((active.max(axis=1) / active.sum(axis=1)).mean() - 1 / active.shape[1]) / (1 - 1 / active.shape[1]))


PLAIN: dict[str, Plain] = {
    "mig_sup": plain_mig_sup,
    "dcimig": plain_dcimig,
    "jemmig": plain_jemmig,
    "modularity": plain_modularity,
    "factor_leakage": plain_factor_leakage,
    "code_mutual_information": plain_code_mutual_information,
    "sap_continuous": plain_sap_continuous,
    "sap_discrete": plain_sap_discrete,
    "irs": plain_irs,
    "total_correlation": plain_total_correlation,
    "wasserstein_correlation": plain_wasserstein_correlation,
    "explicitness": plain_explicitness,
    "infomec": plain_infomec,
}


def compare_ksg(codes: np.ndarray, target: np.ndarray) -> None:
    """One dimension and one target, k = 3, bits, the same jitter."""
    x, y = (column + 1e-10 * stream(0, "jitter").random(len(column)) for column in (codes[:, 0], target))
    fast, slow = seconds(partial(ksg_mutual_information, x, y)), seconds(partial(plain_ksg, x, y), times=1)
    values = f"{ksg_mutual_information(x, y):10.4f}{plain_ksg(x, y):10.4f}"
    print(f"{'ksg, of one pair':26}{fast:9.4f}{slow:9.3f}{slow / fast:7.0f}{values}")


def plain_ksg(x: np.ndarray, y: np.ndarray, k: int = 3) -> float:
    points = np.column_stack([x, y])
    distances = KDTree(points, metric="chebyshev").query(points, k=k + 1)[0][:, -1]
    means = []
    for column in (x, y):
        counts = KDTree(column[:, None], metric="chebyshev").query_radius(column[:, None], distances - 1e-15, count_only=True)
        means.append(digamma(counts).mean())
    return float((digamma(k) + digamma(len(x)) - sum(means)) / np.log(2))


def curve() -> None:
    """CPU seconds of every metric from 10,000 to 1,000,000 samples; those with `samples` in their setting draw so many."""
    sizes = (10_000, 30_000, 100_000, 300_000, 1_000_000)
    print(f"\n{'samples':26}" + "".join(f"{size:>11,}" for size in sizes))
    spent = {name: [] for name in [*PLAIN, "ksg"]}
    for size in sizes:
        representation = generated(size)
        for name, cells in spent.items():
            cells.append(seconds(partial(score, name, representation), times=1))
    for name, cells in spent.items():
        print(f"{name:26}" + "".join(f"{cell:11.3f}" for cell in cells))
    print(f"{'all of them':26}" + "".join(f"{sum(column):11.3f}" for column in zip(*spent.values(), strict=True)))
    print(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()

"""Mutual information and entropy of discrete variables, in nats, from joint counts (the plug-in estimate).

The plug-in estimate is biased upwards by about (bins - 1) * (values - 1) / (2 N): independent variables get a little more
than 0.
"""

from __future__ import annotations

import numpy as np

from datasets.factor_space import FactorSpace
from metrics.discretisation import equal_width_bins
from metrics.representation import Representation
from metrics.scores import Refusal


def entropy(counts: np.ndarray) -> np.ndarray:
    """Entropy in nats of the distribution in proportion to `counts`, over the last axis: [..., K] -> [...]."""
    shares = counts / counts.sum(axis=-1, keepdims=True)
    found: np.ndarray = -(shares * np.log(shares, out=np.zeros_like(shares), where=shares > 0)).sum(axis=-1)
    return found


def mutual_information(codes: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Mutual information in nats of each column pair, [N, D] and [N, F] non-negative integers -> [D, F]."""
    return information_from_counts([[joint_counts(code, factor) for factor in factors.T] for code in codes.T])


def information_from_counts(counts: list[list[np.ndarray]]) -> np.ndarray:
    """Mutual information in nats of each joint histogram, rows and columns as those of the list; never below 0."""
    return np.array([[_of_joint(joint) for joint in row] for row in counts])


def joint_counts(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How often each pair of values occurs: two [N] of non-negative integers -> [largest + 1, largest + 1]."""
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    return np.bincount(first * columns + second, minlength=rows * columns).reshape(rows, columns)


def discrete_factors(metric: str, representation: Representation, factor_bins: int = 0) -> tuple[np.ndarray, FactorSpace, list[Refusal]]:
    """The factors that counts can be made of, as integers 0 to K - 1 [N, F] with their space, and why the others cannot.

    A continuous factor is cut into `factor_bins` bins of equal width, or refused where this is 0.
    """
    factors, space, refusals = varying_factors(metric, representation)
    names, columns = [], []
    for name, kind, column in zip(space.names, space.kinds, factors.T, strict=True):
        if kind != "continuous":
            columns.append(ranks(column))
        elif factor_bins:
            columns.append(ranks(equal_width_bins(column[:, None].astype(np.float64), factor_bins)[:, 0]))
        else:
            reason = "continuous: counts need values that occur again; set factor_bins, or declare it ordinal if they do"
            refusals.append(Refusal(metric, name, reason))
            continue
        names.append(name)
    return np.stack(columns, axis=1) if columns else np.empty((len(factors), 0), dtype=np.int64), space.select(names), refusals


def varying_factors(metric: str, representation: Representation) -> tuple[np.ndarray, FactorSpace, list[Refusal]]:
    """The factors that take more than one value [N, F] with their space, and why the others are left out."""
    space, names, refusals = representation.factor_space, [], []
    for name, column in zip(space.names, representation.factors.T, strict=True):
        if not np.isfinite(column).all():
            refusals.append(Refusal(metric, name, "not a number: some of its values are NaN or infinite"))
        elif column.min() == column.max():
            refusals.append(Refusal(metric, name, "constant: it takes one value in all samples"))
        else:
            names.append(name)
    return representation.factors[:, [space.index(name) for name in names]], space.select(names), refusals


def ranks(column: np.ndarray) -> np.ndarray:
    """Values as 0 to K - 1 in rising order: [N] -> [N] int64. Integers of a small range are counted, not sorted."""
    if column.dtype.kind in "iu":
        low, high = int(column.min()), int(column.max())
        if high - low <= 4 * len(column):
            shifted = column - low
            return (np.cumsum(np.bincount(shifted) > 0) - 1)[shifted]
    found: np.ndarray = np.unique(column, return_inverse=True)[1]
    return found.astype(np.int64)


def _of_joint(joint: np.ndarray) -> float:
    total = entropy(joint.sum(axis=1)) + entropy(joint.sum(axis=0)) - entropy(joint.ravel())
    return max(float(total), 0.0)

"""Mutual information and entropy of discrete variables, in nats, from joint counts (the plug-in estimate).

The plug-in estimate is biased upwards by about (bins - 1) * (values - 1) / (2 N): independent variables get a little more
than 0.
"""

from __future__ import annotations

import numpy as np

from datasets.factor_space import FactorSpace
from metrics.representation import Representation
from metrics.scores import Refusal


def entropy(counts: np.ndarray) -> np.ndarray:
    """Entropy in nats of the distribution in proportion to `counts`, over the last axis: [..., K] -> [...]."""
    shares = counts / counts.sum(axis=-1, keepdims=True)
    found: np.ndarray = -(shares * np.log(shares, out=np.zeros_like(shares), where=shares > 0)).sum(axis=-1)
    return found


def mutual_information(codes: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Mutual information in nats of each column pair, [N, D] and [N, F] non-negative integers -> [D, F]."""
    return np.array([[_of_two(code, factor) for factor in factors.T] for code in codes.T])


def joint_counts(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How often each pair of values occurs: two [N] of non-negative integers -> [largest + 1, largest + 1]."""
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    return np.bincount(first * columns + second, minlength=rows * columns).reshape(rows, columns)


def discrete_factors(metric: str, representation: Representation) -> tuple[np.ndarray, FactorSpace, list[Refusal]]:
    """The factors that counts can be made of, as integers 0 to K - 1 [N, F] with their space, and why the others cannot."""
    space, columns, names, refusals = representation.factor_space, [], [], []
    for name, kind, column in zip(space.names, space.kinds, representation.factors.T, strict=True):
        values, ranks = np.unique(column, return_inverse=True)
        if kind == "continuous":
            refusals.append(Refusal(metric, name, "continuous: counts need values that occur again; declare it ordinal if they do"))
        elif len(values) == 1:
            refusals.append(Refusal(metric, name, "constant: it takes one value in all samples"))
        else:
            names.append(name)
            columns.append(ranks)
    return np.stack(columns, axis=1) if columns else np.empty((len(representation.codes), 0)), space.select(names), refusals


def _of_two(first: np.ndarray, second: np.ndarray) -> float:
    counts = joint_counts(first, second)
    total = entropy(counts.sum(axis=1)) + entropy(counts.sum(axis=0)) - entropy(counts.ravel())
    return max(float(total), 0.0)

"""Mutual information by nearest neighbours, without bins: of two continuous variables (KSG), of a continuous and a discrete one.

Source: Kraskov, Stoegbauer, Grassberger (2004), Estimating mutual information, Phys. Rev. E 69, 066138, estimator 1: with d_n the
largest-coordinate distance of sample n to its k-th neighbour in (x, y), and m_x, m_y how many samples lie closer than d_n in x and in
y alone, itself counted,
    I = psi(k) + psi(N) - mean psi(m_x) - mean psi(m_y);
for a discrete y, Ross (2014), PLoS ONE 9(2) e87357: neighbours are sought among the samples of the same value.
Estimates are never clipped: about 0 they scatter on both sides, and a negative one says "nothing found".

`ksg_mutual_information` gives the numbers of NPEET (k = 3 or 20, bits) to the last digits where the same jitter is added: uniform
on [0, jitter), first to x, then to y, to break ties. STIB (2020) reports I(Z0; Y) with k = 20 in bits. scikit-learn clips at 0,
standardises, and has other jitter. The metric standardises dimensions; the function leaves scales as they are.

Who can take what: the metric gives I(z_d; factor) for every dimension and every factor that varies, continuous by KSG, others by Ross (so
that neither the order nor the spacing of values matters), and for each factor the largest, of the best dimension. `code` "whole"
gives I(z; factor) of all dimensions together; choose a block of the representation for that of a part.

What it cannot tell: in 5 to 10 dimensions whole-code estimates are far too low (a perfect code of 5 dimensions gets half of a
factor's entropy), so use them to compare like with like. Best of D dimensions is above 0 by chance: see the null. A circular
continuous factor is cut open. A value with fewer than k + 1 samples uses fewer neighbours; one sample alone is left out.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from foundation.errors import UserError
from metrics.mutual_information import ranks, varying_factors
from metrics.neighbours import chebyshev_tree, closer_than, digamma_table, nearest_in_line
from metrics.representation import Representation
from metrics.row_split import rows_at_most
from metrics.scores import Matrix, Refusal, Scores, Setting, rows_with_mean
from metrics.standardisation import standardised

JITTER = 1e-10


def ksg(
    representation: Representation,
    rng: np.random.Generator,
    *,
    k: int = 3,
    units: Literal["bits", "nats"] = "bits",
    code: Literal["dimensions", "whole"] = "dimensions",
    samples: int = 20_000,
) -> Scores:
    """I(best dimension; factor), or I(whole code; factor), per factor and (factor None) their mean; matrix `ksg_information` [D or 1, F].

    `samples`: at most so many rows, drawn at random (0: all). Raises UserError for k < 1.
    """
    if k < 1:
        raise UserError(f"ksg needs at least one neighbour, not {k}")
    representation = rows_at_most(representation, samples, rng)
    factors, space, refusals = varying_factors("ksg", representation)
    codes, base = standardised(representation.codes), 2.0 if units == "bits" else np.e
    parts = [codes] if code == "whole" else list(codes.T)
    names: list[str] = []
    columns: list[list[float]] = []
    for name, kind, column in zip(space.names, space.kinds, factors.T, strict=True):
        if len(codes) <= k:
            refusals.append(Refusal("ksg", name, f"{len(codes)} samples are too few for {k} neighbours"))
        elif kind != "continuous" and len(np.unique(column)) == len(column):
            refusals.append(Refusal("ksg", name, "no value occurs twice: declare it continuous"))
        else:
            names.append(name)
            columns.append([_information(part, column, kind, k, base, rng) if part.any() else 0.0 for part in parts])
    if not names:
        return Scores(refusals=refusals)
    information = np.array(columns).T
    labels = ("whole",) if code == "whole" else tuple(str(j) for j in range(len(parts)))
    how: Setting = {"k": k, "units": units, "code": code, "samples": samples}
    setting = {**how, "mode": representation.mode, "sample": representation.sample}
    matrices = {"ksg_information": Matrix(information, labels, tuple(names))}
    return Scores(rows_with_mean("ksg", setting, names, information.max(axis=0)), matrices, refusals)


def ksg_mutual_information(
    x: np.ndarray, y: np.ndarray, k: int = 3, base: float = 2.0, rng: np.random.Generator | None = None, jitter: float = JITTER
) -> float:
    """I(x; y) of continuous samples [N] or [N, D] in units of log `base` (2: bits, e: nats); may be below 0.

    `rng` draws the jitter; without one x and y are used as they are, and ties are the caller's. Raises UserError for N <= k.
    """
    x, y = _jittered(x, rng, jitter), _jittered(y, rng, jitter)
    if len(x) != len(y) or len(x) <= k or k < 1:
        raise UserError(f"{k} neighbours need at least {k + 1} samples of both variables, not {len(x)} and {len(y)}")
    together = np.column_stack([x, y])
    distances = chebyshev_tree(together).query(together, k=[k + 1], p=np.inf)[0][:, 0]
    psi = digamma_table(len(x))
    return float(psi[k] + psi[len(x)] - psi[closer_than(x, distances)].mean() - psi[closer_than(y, distances)].mean()) / np.log(base)


def ross_mutual_information(
    x: np.ndarray, values: np.ndarray, k: int = 3, base: float = 2.0, rng: np.random.Generator | None = None, jitter: float = JITTER
) -> float:
    """I(x; values) of continuous samples [N] or [N, D] and integers 0 to K - 1 [N], in units of log `base`; may be below 0.

    Raises UserError where no value occurs twice.
    """
    x = _jittered(x, rng, jitter)
    counts = np.bincount(values)
    kept = counts[values] > 1
    if not kept.any():
        raise UserError("no value occurs twice, so that no sample has a neighbour; take it as continuous")
    x, values = x[kept], values[kept]
    neighbours = np.minimum(counts - 1, k)
    distances = np.empty(len(x))
    for value in np.flatnonzero(counts > 1):
        own = values == value
        among, nearest = x[own], int(neighbours[value])
        if x.shape[1] == 1:
            distances[own] = nearest_in_line(among[:, 0], nearest)
        else:
            distances[own] = chebyshev_tree(among).query(among, k=[nearest + 1], p=np.inf)[0][:, 0]
    psi = digamma_table(len(x))
    within = psi[neighbours[values]].mean() - psi[counts[values]].mean()
    return float(psi[len(x)] + within - psi[closer_than(x, distances)].mean()) / np.log(base)


def _jittered(values: np.ndarray, rng: np.random.Generator | None, jitter: float) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    return values if rng is None else values + jitter * rng.random(values.shape)


def _information(part: np.ndarray, column: np.ndarray, kind: str, k: int, base: float, rng: np.random.Generator) -> float:
    if kind == "continuous":
        return ksg_mutual_information(part, standardised(column[:, None].astype(np.float64)), k, base, rng)
    return ross_mutual_information(part, ranks(column), k, base, rng)

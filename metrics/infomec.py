"""InfoMEC: modularity, compactness and explicitness in units of information. Each from 0 to 1, see the ceiling.

Source: Hsu, Dorrell, Whittington, Wu, Finn (2023), Disentanglement via latent quantization, arXiv 2305.18378, section 4. With
NMI_ij = I(s_i; z_j) / H(s_i) for the F factors s and the A active dimensions z,
    modularity   (mean_j max_i NMI_ij / sum_i NMI_ij - 1/F) / (1 - 1/F)    does each dimension tell of one factor?
    compactness  (mean_i max_j NMI_ij / sum_j NMI_ij - 1/A) / (1 - 1/A)    is each factor told by one dimension?
    explicitness mean_i 1 - H(s_i | z) / H(s_i), H(s_i | z) the log loss of a linear predictor of ALL dimensions, in sample.
A dimension is active whose range exceeds `active_share` of the largest range. Information by nearest neighbours (Ross 2014, k = 10,
negative estimates taken as 0), as the authors do for continuous codes; `estimator` "bins" takes plug-in information of bins of
equal width. The predictor is logistic regression without penalty; a continuous factor has 1 - squared error / variance of linear
regression, and no part in modularity and compactness, since its entropy is no finite number (`factor_bins` cuts it).

Differs from the released code: H(s_i) and the regression weigh every sample alike, as the formulas say; the release balances the values
of a factor while it fits (`balanced` True; the same where values are equally frequent). Its later version (Tripod, 2024) finds
active dimensions by quartiles.

What it cannot tell: modularity and compactness are shares, so a code that knows next to nothing still has them, and a dimension
that is just active counts as much as any; read explicitness with them. Scaling a dimension moves the line of activity. Explicitness does
not see what is encoded by a curve, and in sample it flatters many dimensions on few samples.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from metrics.factor_information import factor_information
from metrics.ksg import ross_mutual_information
from metrics.logistic_regression import log_losses, multinomial
from metrics.mutual_information import discrete_factors, entropy, ranks, varying_factors
from metrics.representation import Representation
from metrics.row_split import rows_at_most
from metrics.scores import Matrix, Refusal, Row, Scores, rows_with_mean
from metrics.standardisation import standardised

PENALTY = 1e-6  # next to none: keeps the coefficients finite where values can be separated
SOLVED = 1e-5  # nats per sample that a further step of the regression would bring at most


def infomec(
    representation: Representation,
    rng: np.random.Generator,
    *,
    estimator: Literal["neighbours", "bins"] = "neighbours",
    k: int = 10,
    bins: int = 20,
    factor_bins: int = 0,
    active_share: float = 0.05,
    balanced: bool = False,
    samples: int = 20_000,
) -> Scores:
    """Rows infomec of setting `part` "modularity", "compactness" and "explicitness", the last two per factor as well.

    Row infomec_dimensions (how many are active); matrix `normalised_information` [D, F]. `samples`: at most so many rows (0: all).
    """
    representation = rows_at_most(representation, samples, rng)
    ranges = np.ptp(representation.codes / 4, axis=0)
    active = ranges > active_share * ranges.max()
    if not active.any():
        return Scores(refusals=[Refusal("infomec", None, "every dimension of the code is constant")])
    how: dict[str, str | int | float | bool] = {"estimator": estimator, **({"k": k} if estimator == "neighbours" else {"bins": bins})}
    setting = {**how, "factor_bins": factor_bins, "active_share": active_share, "balanced": balanced, "samples": samples}
    setting |= {"mode": representation.mode, "sample": representation.sample}
    factors, space, refusals = discrete_factors("infomec", representation, factor_bins)
    rows: list[Row] = [Row("infomec_dimensions", setting, None, int(active.sum()))]
    matrices: dict[str, Matrix] = {}
    if len(space):
        if estimator == "bins":
            information = factor_information("infomec", representation, bins, factor_bins).information
        else:
            information = _by_neighbours(representation.codes, factors, k, rng)
        normalised = np.maximum(information, 0) / [entropy(np.bincount(column)) for column in factors.T]
        matrices["normalised_information"] = Matrix(normalised, tuple(str(j) for j in range(len(active))), space.names)
        pruned = normalised[active]
        if len(space) > 1:
            modular = _rescaled(_largest_share(pruned.T), len(space)).mean()
            rows.append(Row("infomec", {"part": "modularity", **setting}, None, float(modular)))
        else:
            refusals.append(Refusal("infomec", None, f"modularity: only {space.names[0]} can be counted, there is no second factor"))
        if len(pruned) > 1:
            compact = _rescaled(_largest_share(pruned), len(pruned))
            rows += rows_with_mean("infomec", {"part": "compactness", **setting}, space.names, compact)
        else:
            refusals.append(Refusal("infomec", None, "compactness: only one dimension is active, there is no second to share with"))
    everything, all_space, _ = varying_factors("infomec", representation)
    if len(all_space):
        codes = standardised(representation.codes)
        explicit = [_explicitness(codes, column, kind, balanced) for column, kind in zip(everything.T, all_space.kinds, strict=True)]
        rows += rows_with_mean("infomec", {"part": "explicitness", **setting}, all_space.names, np.array(explicit))
    return Scores(rows if len(rows) > 1 else (), matrices, refusals)


def _by_neighbours(codes: np.ndarray, factors: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """I(z_j; s_i) in nats [D, F]; 0 for a constant dimension, and for a factor of which no value occurs twice."""
    inputs = standardised(codes)
    found = np.zeros((codes.shape[1], factors.shape[1]))
    repeated = [bool(np.bincount(column).max() > 1) for column in factors.T]
    for j in np.flatnonzero(inputs.any(axis=0)):
        for i in np.flatnonzero(repeated):
            found[j, i] = ross_mutual_information(inputs[:, j], factors[:, i], k, np.e, rng)
    return found


def _largest_share(values: np.ndarray) -> np.ndarray:
    """The largest entry of each column over its sum; shared by all alike where there is nothing to share: [rows, n] -> [n]."""
    totals = values.sum(axis=0)
    return np.divide(values.max(axis=0), totals, out=np.full(len(totals), 1 / len(values)), where=totals > 0)


def _rescaled(shares: np.ndarray, number: int) -> np.ndarray:
    return (shares - 1 / number) / (1 - 1 / number)


def _explicitness(codes: np.ndarray, column: np.ndarray, kind: str, balanced: bool) -> float:
    """The share of a factor's entropy (of its variance, where it is continuous) that a linear predictor explains."""
    if kind == "continuous":
        target = standardised(column[:, None].astype(np.float64))[:, 0]
        inputs = np.column_stack([codes, np.ones(len(codes))])
        residual = target - inputs @ np.linalg.lstsq(inputs, target, rcond=None)[0]
        return max(1 - float(residual @ residual) / float(target @ target), 0.0)
    values = ranks(column)
    counts = np.bincount(values)
    costs = len(values) / (len(counts) * counts[values]) if balanced else np.ones(len(values))
    coefficients = multinomial(codes, values, PENALTY, costs, SOLVED)
    remaining = float(log_losses(codes, values, coefficients).mean())
    return 1 - remaining / (np.log(len(counts)) if balanced else float(entropy(counts)))

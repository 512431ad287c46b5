"""Interventional robustness score: a dimension is moved by one factor, and stays where it is when the others change. 0 to 1.

Source: Suter, Miladinovic, Schoelkopf, Bauer (2019), Robustly disentangled causal mechanisms, arXiv 1811.00007, in the estimator
of disentanglement_lib (Locatello et al. 2019). For dimension d and each value v of factor i, the `quantile` of |z_d - mean of z_d
where factor i is v|; the mean over values, each counting once, is the deviation e_di; with m_d the largest |z_d - mean z_d|,
    r_di = 1 - e_di / m_d,    IRS = mean over d of max_i r_di, weighted by m_d.
Factors are binned into `factor_bins` bins of equal width, so more values than bins merge; constant dimensions are left out.

Defaults are those of disentanglement_lib (quantile 0.99, 20 bins); 1.0 is the formula of the paper, and what Carbonneau et al.
(2020) use. Differs from disentanglement_lib: a constant factor is left out (there it counts as a cause, with deviation e / m, and
may be the best), and so is its "number of active dimensions", which sums values.

What it cannot tell: whether factors are encoded at all, or twice (only the best factor of each dimension counts), how well they
can be read, and confounding, which the paper corrects for and this estimator does not. It hangs on extremes of the code. Random
codes score well above 0: see the null.
"""

from __future__ import annotations

import numpy as np

from foundation.errors import UserError
from metrics.discretisation import equal_width_bins
from metrics.mutual_information import ranks, varying_factors
from metrics.representation import Representation
from metrics.scores import Matrix, Refusal, Row, Scores, Setting


def irs(representation: Representation, rng: np.random.Generator, *, quantile: float = 0.99, factor_bins: int = 20) -> Scores:
    """IRS; matrix `robustness` [D, F] (0 in the rows of constant dimensions). Raises UserError for a quantile outside 0 to 1."""
    if not 0 <= quantile <= 1:
        raise UserError(f"the quantile of irs lies between 0 and 1, and is not {quantile}")
    factors, space, refusals = varying_factors("irs", representation)
    if not len(space):
        return Scores(refusals=refusals)
    active = np.ptp(representation.codes / 2, axis=0) > 0
    if not active.any():
        return Scores(refusals=[*refusals, Refusal("irs", None, "every dimension of the code is constant")])
    codes = np.ascontiguousarray(representation.codes[:, active].T)
    weights = np.abs(codes).max(axis=1, keepdims=True)
    codes = codes / weights
    largest = np.abs(codes - codes.mean(axis=1, keepdims=True)).max(axis=1)
    binned = equal_width_bins(factors.astype(np.float64), factor_bins)
    deviations = np.stack([_deviation(codes, ranks(column), quantile) for column in binned.T], axis=1)
    robustness = np.zeros((len(active), len(space)))
    robustness[active] = 1 - deviations / largest[:, None]
    shares = largest * (weights[:, 0] / weights.max())
    value = float(robustness[active].max(axis=1) @ shares / shares.sum())
    setting: Setting = {
        "quantile": quantile,
        "factor_bins": factor_bins,
        "mode": representation.mode,
        "sample": representation.sample,
    }
    matrix = Matrix(robustness, tuple(str(k) for k in range(len(active))), space.names)
    return Scores([Row("irs", setting, None, value)], {"robustness": matrix}, refusals)


def _deviation(codes: np.ndarray, values: np.ndarray, quantile: float) -> np.ndarray:
    """Mean over the values of a factor of the quantile of |z - mean z of the value|: [D, N], [N] -> [D]."""
    order = np.argsort(values, kind="stable")
    bounds = np.cumsum(np.bincount(values))[:-1]
    total = np.zeros(len(codes))
    for group in np.split(codes[:, order], bounds, axis=1):
        total += np.quantile(np.abs(group - group.mean(axis=1, keepdims=True)), quantile, axis=1)
    return total / (len(bounds) + 1)

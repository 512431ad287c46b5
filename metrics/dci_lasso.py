"""Importances of code dimensions from a lasso: the linear predictor of DCI, as Zaidi, Boilard, Gagnon, Carbonneau (2020) fit it.

Source: Zaidi et al. (2020), Measuring disentanglement: a review of metrics, arXiv 2012.09276, and their code: codes and factors
scaled to 0..1, a lasso per factor whose penalty is the best of eight in a tenfold cross-validation without shuffling, importances
the absolute weights, informativeness max(0, 1 - 12 * mean squared error) on the training rows (1/12 is the variance of a uniform
variable on 0..1).

Differs from the code: there the loop over dimensions ends at the first that no factor uses, so that all later ones count as 0
in the disentanglement (a perfect code with one dead dimension in front scores 0); here an unused dimension has weight 0 and no
more.

What it cannot tell: of two copies of a dimension, the optimum shares the weight, but scikit-learn's solver stops long before it
(with its tolerance of 1e-4, which the published code uses and so does this), and leaves most of the weight to one: completeness
0.98 where the optimum has 0.70. In such codes the third digit depends on the solver's version.
"""

from __future__ import annotations

import warnings

import numpy as np

from metrics.representation import Representation
from metrics.scores import Refusal

PENALTIES = (0.0001, 0.001, 0.01, 0.1, 0.2, 0.4, 0.8, 1.0)
FOLDS = 10


def lasso_importances(codes: np.ndarray, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Absolute weights [D, F] and informativeness [F] of codes [N, D] for factors [N, F] that vary."""
    from sklearn.linear_model import Lasso
    from threadpoolctl import threadpool_limits

    scaled, targets = np.asfortranarray(_scaled(codes)), _scaled(factors)
    parts = np.array_split(np.arange(len(scaled)), FOLDS)
    kept = [np.setdiff1d(np.arange(len(scaled)), part) for part in parts]
    errors = np.zeros((len(PENALTIES), targets.shape[1]))
    weights, informativeness = [], []
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # that a small penalty has not converged to its last digit
        for part, rest in zip(parts, kept, strict=True):
            training = np.asfortranarray(scaled[rest])
            for i, penalty in enumerate(PENALTIES):
                for k, target in enumerate(targets.T):
                    model = Lasso(alpha=penalty, max_iter=5000).fit(training, target[rest])
                    errors[i, k] += np.mean((model.predict(scaled[part]) - target[part]) ** 2)
        for target, best in zip(targets.T, errors.argmin(axis=0), strict=True):
            model = Lasso(alpha=PENALTIES[best]).fit(scaled, target)
            weights.append(np.abs(model.coef_))
            informativeness.append(max(0.0, 1.0 - 12.0 * float(np.mean((model.predict(scaled) - target) ** 2))))
    return np.stack(weights, axis=1), np.array(informativeness)


def factors_on_a_line(metric: str, representation: Representation) -> tuple[list[int], list[Refusal]]:
    """Columns of the factors that a linear predictor can be asked for, and why it cannot for the others."""
    columns, refusals = [], []
    space = representation.factor_space
    for i, (name, kind) in enumerate(zip(space.names, space.kinds, strict=True)):
        values = len(np.unique(representation.factors[:, i]))
        if values == 1:
            refusals.append(Refusal(metric, name, "constant: it takes one value in all samples"))
        elif kind in ("categorical", "circular") and values > 2:
            refusals.append(Refusal(metric, name, f"{kind}: a lasso needs values in their order on a line"))
        else:
            columns.append(i)
    if columns and len(representation.codes) < FOLDS:
        return [], [*refusals, Refusal(metric, None, f"a cross-validation of {FOLDS} parts needs as many rows")]
    return columns, refusals


def _scaled(values: np.ndarray) -> np.ndarray:
    """Each column from 0 to 1; a constant one to 0."""
    low, span = values.min(axis=0), np.ptp(values, axis=0)
    return np.divide(values - low, span, out=np.zeros(values.shape), where=span > 0)

"""Logistic regression by Newton's method: few parameters, many samples, the optimum itself and not where a solver gave up.

Multinomial: with scores s = W x + b, minimise  -sum_n c_n log softmax(s_n)[y_n] + penalty |W|^2 / 2  (b is free). scikit-learn's
LogisticRegression with C = 1 / penalty; for two classes it has ONE weight vector w = w_1 - w_0, for which the same penalty on w
means twice the penalty on W, and so it is here.

The first steps are taken on a small part of the samples, where they cost little. Many dimensions and classes together (more
than MOST_PARAMETERS), and whatever Newton's method does not solve, are left to L-BFGS, which needs no second derivatives.
"""

from __future__ import annotations

import numpy as np

from foundation.randomness import stream

MOST_PARAMETERS = 700
FEWEST_SAMPLES = 2000  # in the part on which the first steps are taken
MOST_STEPS = 40
MOST_HALVINGS = 20
ROWS = 4096  # at a time: what fits into the cache


def multinomial(
    features: np.ndarray, classes: np.ndarray, penalty: float, costs: np.ndarray | None = None, tolerance: float = 1e-7
) -> np.ndarray:
    """Coefficients [K, D + 1], the intercept last, of features [N, D] and classes 0 to K - 1 [N], each of which occurs.

    `costs` [N] weigh the samples. Stops where a step promises less than `tolerance` of loss per sample, so that it ends where
    classes can be separated and nothing is penalised, too.
    """
    inputs = np.column_stack([features, np.ones(len(features))])
    count = int(classes.max()) + 1
    costs = np.ones(len(features)) if costs is None else costs
    penalties = np.full((count, inputs.shape[1]), penalty * (2.0 if count == 2 else 1.0))
    penalties[:, -1] = 0.0
    nothing = np.zeros(penalties.shape)
    starts = [nothing]
    if len(inputs) >= 2 * FEWEST_SAMPLES and penalties.size <= MOST_PARAMETERS:
        some = stream(0, "first steps").choice(len(inputs), max(FEWEST_SAMPLES, len(inputs) // 16), replace=False)
        if np.bincount(classes[some], minlength=count).all():
            share = costs.sum() / costs[some].sum()
            found, _ = _by_newton(inputs[some], classes[some], costs[some] * share, penalties, nothing, 100 * tolerance)
            starts.insert(0, found)
    if penalties.size <= MOST_PARAMETERS:
        for start in starts:
            found, solved = _by_newton(inputs, classes, costs, penalties, start, tolerance)
            if solved:
                return found
    return _by_gradients(inputs, classes, costs, penalties, tolerance)


def probabilities(features: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Softmax of the scores: [N, D], [K, D + 1] -> [N, K]."""
    scores = features @ coefficients[:, :-1].T + coefficients[:, -1]
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def log_losses(features: np.ndarray, classes: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """-log of the probability of the true class, in nats: [N]."""
    scores = features @ coefficients[:, :-1].T + coefficients[:, -1]
    largest = scores.max(axis=1)
    total = np.log(np.exp(scores - largest[:, None]).sum(axis=1)) + largest
    found: np.ndarray = total - scores[np.arange(len(scores)), classes]
    return found


def _by_newton(
    inputs: np.ndarray, classes: np.ndarray, costs: np.ndarray, penalties: np.ndarray, start: np.ndarray, tolerance: float
) -> tuple[np.ndarray, bool]:
    """Coefficients, and whether they are solved: where almost all samples are sure of a wrong class, no step of this kind helps."""
    solution = start
    value = _loss(inputs, classes, costs, penalties, solution)
    for _ in range(MOST_STEPS):
        gradient, curvature = _derivatives(inputs, classes, costs, penalties, solution)
        curvature[np.diag_indices_from(curvature)] += 1e-9 * np.trace(curvature) / len(curvature) + 1e-12
        step = -np.linalg.solve(curvature, gradient.ravel()).reshape(solution.shape)
        promised = -float((gradient * step).sum()) / 2
        near = promised <= tolerance * costs.sum()
        for _ in range(MOST_HALVINGS):
            reached = _loss(inputs, classes, costs, penalties, solution + step)
            if reached <= value:
                break
            step /= 2
        else:
            return solution, near
        solution, value = solution + step, reached
        if near:
            return solution, True
    return solution, False


def _derivatives(
    inputs: np.ndarray, classes: np.ndarray, costs: np.ndarray, penalties: np.ndarray, solution: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient [K, D + 1] and matrix of second derivatives [K (D + 1), K (D + 1)] of the penalised loss."""
    count, width = solution.shape
    gradient = penalties * solution
    curvature = np.diag(penalties.ravel())
    blocks = curvature.reshape(count, width, count, width)
    for first in range(0, len(inputs), ROWS):
        rows = slice(first, first + ROWS)
        part, cost = inputs[rows], costs[rows]
        expected = probabilities(part[:, :-1], solution)
        roots = np.sqrt(cost)[:, None]
        weighted = ((expected * roots)[:, :, None] * part[:, None, :]).reshape(len(part), -1)
        curvature -= weighted.T @ weighted
        own = (weighted.T @ (part * roots)).reshape(count, width, width)
        for k in range(count):
            blocks[k, :, k, :] += own[k]
        expected[np.arange(len(part)), classes[rows]] -= 1
        gradient += (expected * cost[:, None]).T @ part
    return gradient, curvature


def _loss(inputs: np.ndarray, classes: np.ndarray, costs: np.ndarray, penalties: np.ndarray, solution: np.ndarray) -> float:
    return float(log_losses(inputs[:, :-1], classes, solution) @ costs + (penalties * solution**2).sum() / 2)


def _by_gradients(inputs: np.ndarray, classes: np.ndarray, costs: np.ndarray, penalties: np.ndarray, tolerance: float) -> np.ndarray:
    from scipy.optimize import minimize

    total = costs.sum()
    targets = np.eye(len(penalties))[classes]

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        solution = flat.reshape(penalties.shape)
        error = (probabilities(inputs[:, :-1], solution) - targets) * costs[:, None]
        gradient = (error.T @ inputs + penalties * solution) / total
        return _loss(inputs, classes, costs, penalties, solution) / total, gradient.ravel()

    options = {"maxiter": 500, "maxfun": 1000, "ftol": tolerance / 10, "gtol": 1e-7}
    found = minimize(objective, np.zeros(penalties.size), jac=True, method="L-BFGS-B", options=options)
    solution: np.ndarray = found.x.reshape(penalties.shape)
    return solution

"""SAP, discrete: by how much the best dimension classifies a factor better than the second best. From 0, far below 1.

Source: Kumar, Sattigeri, Balakrishnan (2018), Variational inference of disentangled latent concepts from unlabeled
observations, arXiv 1711.00848, section 3, for classification, as in disentanglement_lib (Locatello et al. 2019): for each
dimension and factor a linear support vector machine on that one number (LinearSVC, C = 0.01, balanced classes) is trained on the
first two thirds of the rows; s_ij is its accuracy on the others, and SAP the mean over factors of best minus second best s_ij.
With one dimension the second best is what a dead one would get.

Here the machines are solved exactly (`threshold_svm`), so scores differ from liblinear's by its tolerance, some 0.0005.
`disentangling-correlated-factors` trains on the numbers of 20 bins, 1 to 20, after a random split: `bins` 20, `shuffle` True.

What it cannot tell: one-against-rest machines on one number can pick out only the end classes of an ordered factor, so a PERFECT
code gets about 0.3 (see the ceiling), and more values lower it. The scale of a dimension matters: C weighs it against the
penalty. A dimension that merges factors is not seen; redundant dimensions give 0. A circular factor is cut open.
"""

from __future__ import annotations

import numpy as np

from foundation.errors import UserError
from metrics.discretisation import equal_width_bins
from metrics.mig import gap
from metrics.mutual_information import discrete_factors
from metrics.representation import Representation
from metrics.row_split import training_rows
from metrics.scores import Matrix, Refusal, Scores, Setting, rows_with_mean
from metrics.threshold_svm import one_against_rest, predicted


def sap_discrete(
    representation: Representation,
    rng: np.random.Generator,
    *,
    cost: float = 0.01,
    bins: int = 0,
    shuffle: bool = False,
    factor_bins: int = 0,
) -> Scores:
    """SAP per factor and (factor None) their mean; matrix `accuracy` [D, F] on the test rows.

    `bins`: classify by the number of the bin (0: by the code). `factor_bins`: bins of continuous factors (0: they are refused).
    Refuses a factor that takes one value in the training rows. Raises UserError for a cost that is not positive.
    """
    if not cost > 0:
        raise UserError(f"the cost of sap_discrete must be positive, and is {cost}")
    factors, space, refusals = discrete_factors("sap_discrete", representation, factor_bins)
    codes = equal_width_bins(representation.codes, bins) + 1.0 if bins else representation.codes
    if shuffle:
        order = rng.permutation(len(codes))
        codes, factors = codes[order], factors[order]
    training = training_rows(len(codes))
    names, train, test = [], [], []
    for name, column in zip(space.names, factors.T, strict=True):
        values, inverse = np.unique(column[:training], return_inverse=True)
        if len(values) == 1 or training == len(codes):
            reason = f"only {len(codes)} samples" if len(values) > 1 else "it takes one value in the training rows, the first two thirds"
            refusals.append(Refusal("sap_discrete", name, f"cannot be classified: {reason}"))
            continue
        names.append(name)
        train.append(inverse)
        known = np.full(int(column.max()) + 1, -1)
        known[values] = np.arange(len(values))
        test.append(known[column[training:]])
    if not names:
        return Scores(refusals=refusals)
    accuracy = np.array([_accuracies(codes[:, k], training, train, test, cost) for k in range(codes.shape[1])])
    setting: dict[str, str | int | float | bool] = {"cost": cost, "bins": bins, "shuffle": shuffle}
    if factor_bins:
        setting["factor_bins"] = factor_bins
    complete: Setting = {**setting, "mode": representation.mode, "sample": representation.sample}
    if len(accuracy) > 1:
        gaps = gap(accuracy)
    else:
        gaps = gap(np.vstack([accuracy, _accuracies(np.zeros(len(codes)), training, train, test, cost)]))
    matrix = Matrix(accuracy, tuple(str(k) for k in range(len(accuracy))), tuple(names))
    return Scores(rows_with_mean("sap_discrete", complete, names, gaps), {"accuracy": matrix}, refusals)


def _accuracies(code: np.ndarray, training: int, train: list[np.ndarray], test: list[np.ndarray], cost: float) -> list[float]:
    """Test accuracy of one dimension for every factor; a value that training never showed counts as missed."""
    machines = one_against_rest(code[:training], train, cost)
    return [float((predicted(code[training:], *machine) == known).mean()) for machine, known in zip(machines, test, strict=True)]

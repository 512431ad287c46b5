"""DCI: disentanglement, completeness and informativeness from the importance of each dimension for each factor. Range 0 to 1.

Source: Eastwood and Williams (2018), A framework for the quantitative evaluation of disentangled representations, ICLR, in the
estimator of disentanglement_lib (Locatello et al. 2019): a classifier per factor, fitted on the first two thirds of the rows,
tested on the rest. With importances R [D, F],
    disentanglement = sum_d w_d (1 - H_F(R_d. / sum)), w_d the share of dimension d in all importance: does a dimension serve
        one factor only? Entropy to base F, after 1e-11 is added to all entries;
    completeness = sum_i v_i (1 - H_D(R_.i / sum)), v_i the share of factor i: is a factor served by one dimension only?
    informativeness = mean test accuracy. (Eastwood and Williams have an error there; disentanglement_lib, and all after it, the
        accuracy.)

Models: `gbt`, gradient-boosted trees as of scikit-learn's defaults (the published score; `boosted_trees`), `lightgbm` and
`forest` (`packaged_classifiers`), and `lasso` (`dci_lasso`: regression on all rows, completeness the plain mean, informativeness
from the squared error). Numbers of different models are not comparable; the row's setting tells the model.

Differs from disentanglement_lib: a factor that is constant, or constant in the training part, is refused by name, where the
library fails. A class that is missing in the training part is never predicted: its test rows count as wrong. With one dimension
completeness is 1, with one factor disentanglement is 1: nothing else is there to share with.

What it cannot tell: importances of trees favour the dimension that serves first, so that of two copies of a dimension each
gets a share that chance decides, and completeness falls by chance; accuracy tells of a factor of many values less than of few
(see the null); rows in a systematic order spoil the split (`shuffle`). Values of a code that differ by no more than 1e-7 count as
equal, as scikit-learn has it: scale codes that small.
"""

from __future__ import annotations

import numpy as np

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.dci_lasso import factors_on_a_line, lasso_importances
from metrics.factor_classifiers import Fit, Splitting, boosted_trees, fits_of, task_of
from metrics.packaged_classifiers import forest, lightgbm
from metrics.representation import Representation
from metrics.row_split import rows_at_most
from metrics.scores import Matrix, Row, Scores, Setting, rows_by_factor, rows_with_mean

SMALLEST = 1e-300  # added to importances where none may be changed: log(0) is none
CLASSIFIERS: dict[str, Fit] = {"gbt": boosted_trees, "lightgbm": lightgbm, "forest": forest}


def dci(
    representation: Representation,
    rng: np.random.Generator,
    *,
    model: str = "gbt",
    rows: int = 50_000,
    shuffle: bool = False,
    seed: int = 0,
    factor_bins: int = 0,
) -> Scores:
    """dci_disentanglement; dci_completeness and dci_informativeness, each also per factor; matrix `importance` [D, F].

    For classifiers also dci_informativeness_training, the accuracy on the training rows. `model`: "gbt", "lightgbm", "forest" or
    "lasso" (the matrix is then `importance_lasso`, and so on). At most `rows` rows (0: all) take part, drawn under `seed`, which
    also decides ties, bootstraps and the `shuffle`; nothing is drawn from `rng`, so that `downstream` shares the fits.
    `factor_bins`: bins of continuous factors (0: classifiers refuse them).
    Raises UserError for an unknown model.
    """
    if model == "lasso":
        return _of_lasso(representation, rows, seed)
    if model not in CLASSIFIERS:
        raise UserError(f"DCI has no model {model!r}; choose one of {', '.join(CLASSIFIERS)}, lasso")
    splitting = Splitting(rows, shuffle, seed, factor_bins)
    task = task_of("dci", representation, splitting)
    if not task.names:
        return Scores(refusals=task.refusals)
    fits = fits_of(representation, task, model, CLASSIFIERS, splitting)
    setting: Setting = {"model": model, **task.setting}
    informed = rows_with_mean("dci_informativeness", setting, task.names, fits.right.mean(axis=0))
    found = [
        *informed,
        *rows_with_mean("dci_informativeness_training", setting, task.names, fits.trained),
        Row("dci_disentanglement", setting, None, disentanglement(fits.importances)),
        Row("dci_completeness", setting, None, completeness(fits.importances)),
        *rows_by_factor("dci_completeness", setting, task.names, certainty(fits.importances.T)),
        Row("dci_factors_scored", setting, None, len(task.names)),
    ]
    outcomes = {0: fits.right.mean(axis=1), **{1 + i: column.astype(np.float64) for i, column in enumerate(fits.right.T)}}
    return Scores(found, _matrix(fits.importances, task.names, model), task.refusals, outcomes)


def disentanglement(importances: np.ndarray) -> float:
    """One minus the entropy of each dimension's importances [D, F] over factors, weighted by the dimension's share of all."""
    return _weighted(certainty(importances), importances.sum(axis=1))


def completeness(importances: np.ndarray) -> float:
    """One minus the entropy of each factor's importances [D, F] over dimensions, weighted by the factor's share of all."""
    return _weighted(certainty(importances.T), importances.sum(axis=0))


def certainty(importances: np.ndarray, added: float = 1e-11) -> np.ndarray:
    """One minus the entropy of each row [R, C], to base C: 1 for a single entry, 0 for equal ones (and for an empty row)."""
    columns = importances.shape[1]
    if columns == 1:
        return np.ones(len(importances))
    raised = importances + added
    shares = raised / raised.sum(axis=1, keepdims=True)
    return 1 + (shares * np.log(shares)).sum(axis=1) / np.log(columns)


def _weighted(values: np.ndarray, weights: np.ndarray) -> float:
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else 0.0


def _of_lasso(representation: Representation, rows: int, seed: int) -> Scores:
    chosen = rows_at_most(representation, rows, stream(seed, "rows"))
    columns, refusals = factors_on_a_line("dci", chosen)
    if not columns:
        return Scores(refusals=refusals)
    names = tuple(chosen.factor_space.names[i] for i in columns)
    importances, informativeness = lasso_importances(chosen.codes, chosen.factors[:, columns].astype(np.float64))
    setting: Setting = {"model": "lasso", "rows": len(chosen.codes), "mode": chosen.mode, "sample": chosen.sample}
    of_factors = np.where(importances.sum(axis=0) > 0, certainty(importances.T, SMALLEST), 0.0)
    found = [
        *rows_with_mean("dci_informativeness", setting, names, informativeness),
        Row("dci_disentanglement", setting, None, _weighted(certainty(importances, SMALLEST), importances.sum(axis=1))),
        *rows_with_mean("dci_completeness", setting, names, of_factors),
        Row("dci_factors_scored", setting, None, len(names)),
    ]
    return Scores(found, _matrix(importances, names, "lasso"), refusals)


def _matrix(importances: np.ndarray, names: tuple[str, ...], model: str) -> dict[str, Matrix]:
    labels = tuple(str(k) for k in range(len(importances)))
    return {"importance" if model == "gbt" else f"importance_{model}": Matrix(importances, labels, names)}

"""Accuracy of classifiers that read a factor off the code: of all dimensions, and of those that stand for some factor. From chance to 1.

Source: Dapueto, Noceti, Odone (2024), Transferring disentangled representations, arXiv 2409.18017, and their code: boosted trees
(scikit-learn's defaults) and a multilayer perceptron of two layers of 256, fitted on the first two thirds of the saved codes,
tested on the rest; mean and minimum over factors. The same fits serve `dci`, which pays for them once.

`dimensions` "pruned": for each factor the dimension with the largest overlap score of OMES among the active ones (standard
deviation of at least 0.05). As the code has it (pruning "union", the default), every factor is read off all these dimensions
together; as the paper says (pruning "paper"), each off its own one. A factor without pairs of samples that differ in it alone has
no such dimension: it adds none to the union, and has no score under "paper".

Differs from the released code: the association is the exact one, not one random draw; a factor that is constant, or constant in
the training part, is refused by name and left out of mean and minimum. A class that is missing in the training part is never
predicted.

What it cannot tell: chance is not 0 and differs between factors (see the null); a high accuracy on all dimensions says nothing of
disentanglement, only the loss from "all" to "pruned" does; rows in a systematic order spoil the split (`shuffle`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from foundation.errors import UserError
from metrics.factor_classifiers import Fit, Splitting, Task, boosted_trees, fits_of, task_of
from metrics.factor_pairs import paired_factors
from metrics.omes import Exact
from metrics.packaged_classifiers import forest, lightgbm, mlp
from metrics.pair_scores import PairScore, encoding_dimensions
from metrics.representation import Representation
from metrics.scores import Refusal, Row, Scores, Setting, rows_with_mean

CLASSIFIERS: dict[str, Fit] = {"gbt": boosted_trees, "mlp": mlp, "lightgbm": lightgbm, "forest": forest}
PRUNINGS = ("union", "paper")


def downstream(
    representation: Representation,
    rng: np.random.Generator,
    *,
    models: Sequence[str] = ("gbt",),
    dimensions: Sequence[str] = ("all", "pruned"),
    pruning: str = "union",
    rows: int = 50_000,
    shuffle: bool = False,
    seed: int = 0,
    factor_bins: int = 0,
) -> Scores:
    """downstream per factor, (factor None) their mean and, with the setting `statistic` "min", their minimum.

    Settings `model` and `dimensions` of each row; downstream_dimension: which dimension stands for a factor. `models`: "gbt", "mlp"
    (the released pair; a network costs thirty times as much), "lightgbm", "forest". At most `rows` rows (0: all) take part, drawn
    under `seed`, which decides all that is random; nothing is drawn from `rng`, so that `dci` shares the fits.
    `factor_bins`: bins of continuous factors (0: they are refused).
    Raises UserError for an unknown model, choice of dimensions or pruning.
    """
    _check("models", models, CLASSIFIERS)
    _check("dimensions", dimensions, ("all", "pruned"))
    _check("pruning", (pruning,), PRUNINGS)
    splitting = Splitting(rows, shuffle, seed, factor_bins)
    task = task_of("downstream", representation, splitting)
    if not task.names:
        return Scores(refusals=task.refusals)
    encoding = encoded_by(representation) if "pruned" in dimensions else {}
    found = [Row("downstream_dimension", task.setting, name, encoding[name]) for name in task.names if name in encoding]
    refusals = list(task.refusals)
    outcomes: dict[int, np.ndarray] = {}
    for choice in dimensions:
        if choice == "pruned" and not encoding:
            refusals.append(Refusal("downstream", None, "no dimension can be kept: all are dead, or no samples differ in one factor alone"))
            continue
        plan, without = _plan(task, choice, pruning, encoding)
        refusals += without
        names = [task.names[i] for _, factors in plan for i in factors]
        how = {"pruning": pruning} if choice == "pruned" else {}
        for model in models if names else ():
            fits = [fits_of(representation, task, model, CLASSIFIERS, splitting, columns, factors) for columns, factors in plan]
            right = np.concatenate([fit.right for fit in fits], axis=1).astype(np.float64)
            setting: Setting = {"model": model, "dimensions": choice, **how, **task.setting}
            worst = right[:, right.mean(axis=0).argmin()]
            outcomes |= dict(enumerate([right.mean(axis=1), *right.T, worst], start=len(found)))
            found += rows_with_mean("downstream", setting, names, right.mean(axis=0))
            found.append(Row("downstream", {**setting, "statistic": "min"}, None, float(worst.mean())))
    return Scores(found, refusals=refusals, outcomes=outcomes)


def encoded_by(representation: Representation) -> Mapping[str, int]:
    """The active dimension with the largest overlap score of OMES, for every factor that has pairs; empty where all are dead."""
    factors, _ = paired_factors("downstream", representation)
    if not factors.names:
        return {}
    score = PairScore("downstream", "association", Exact(), ("max",), (1.0,), 0.05)
    association = score.associate(representation.codes, factors, 1, np.random.default_rng(0))
    if not association.active.any():
        return {}
    return dict(zip(factors.names, encoding_dimensions(association), strict=True))


def _plan(
    task: Task, choice: str, pruning: str, encoding: Mapping[str, int]
) -> tuple[list[tuple[tuple[int, ...], tuple[int, ...]]], list[Refusal]]:
    """Which dimensions read which factors, as columns of the task; and the factors that no dimension stands for."""
    everything = tuple(range(len(task.names)))
    if choice == "all":
        return [(tuple(range(task.codes.shape[1])), everything)], []
    if pruning == "union":
        return [(tuple(sorted(set(encoding.values()))), everything)], []
    alone = [Refusal("downstream", name, "pruned: no samples differ in it alone") for name in task.names if name not in encoding]
    return [((encoding[name],), (i,)) for i, name in enumerate(task.names) if name in encoding], alone


def _check(setting: str, chosen: Sequence[str], known: Sequence[str] | Mapping[str, object]) -> None:
    for name in chosen:
        if name not in known:
            raise UserError(f"{setting} of downstream: there is no {name!r}; choose among {', '.join(known)}")

"""DCI-ES: how little capacity a reader of the code needs (explicitness), and how many dimensions the code has (size).

Source: Eastwood, Nicolicioiu, von Kuegelgen, Kekic, Traeuble, Dittadi, Schoelkopf (2023), DCI-ES: an extended disentanglement
framework with connections to identifiability, ICLR, arXiv 2210.00364. Probes of growing capacity k are fitted to each factor; with
l(k) the smallest test loss of any probe up to that capacity, and l_b the loss of the best constant answer,
    E = 1 - (area between l and its own end, over k) / (half of (k_last - k_first) * l_b),
the area by trapezoids: 1 where the first probe is as good as the last, 0 where the loss falls in a straight line to 0, below 0
(at the least -1) where it falls late. S = F / D: factors per dimension, above 1 where dimensions are fewer than factors.

Estimator: loss is the error rate on the test part (last third of the rows), capacity the logarithm of
    `gbt`: the number of rounds of boosted trees, 1, 2, 4 .. 64: all of them stages of one fit, which DCI shares;
    `forest`: the depth of a random forest of 20 trees, 1, 2, 4 .. 32;
    `mlp`: the hidden units of a network of one layer, 4, 8 .. 128 (dear).

Differs from the paper: its factors are regressed or classified with cross-entropy, and its networks are larger. Numbers of
different probes are not comparable; the row's setting tells the probe.

What it cannot tell: whether anything is encoded. A code of noise has a flat curve, and E = 1: read it beside
dci_es_informativeness, 1 - l(k_last) / l_b, which is 0 there. Boosted trees read thresholds of single dimensions most easily: a
rotated code that a linear reader takes in at once scores low with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from foundation.errors import UserError
from metrics.factor_classifiers import Fit, Splitting, Task, boosted_trees, fits_of, task_of
from metrics.packaged_classifiers import forest_of_depth, mlp_of_units
from metrics.representation import Representation
from metrics.scores import Refusal, Row, Scores, Setting, rows_with_mean

ROUNDS = (1, 2, 4, 8, 16, 32, 64)
DEPTHS = (1, 2, 4, 8, 16, 32)
UNITS = (4, 8, 16, 32, 64, 128)

# Capacities [C], and the losses of each factor at them [C, F].
Curves = Callable[[Representation, Task, Splitting], tuple[np.ndarray, np.ndarray]]


def dci_es(
    representation: Representation,
    rng: np.random.Generator,
    *,
    probe: str = "gbt",
    rows: int = 50_000,
    shuffle: bool = False,
    seed: int = 0,
    factor_bins: int = 0,
) -> Scores:
    """dci_es_explicitness and dci_es_informativeness per factor and their mean; dci_es_size.

    `probe`: "gbt", "forest" or "mlp". At most `rows` rows (0: all) take part, drawn under `seed`, which decides all that is random;
    nothing is drawn from `rng`, so that `dci` shares the fit of `gbt`. `factor_bins`: bins of continuous factors (0: refused).
    Raises UserError for an unknown probe.
    """
    if probe not in PROBES:
        raise UserError(f"DCI-ES has no probe {probe!r}; choose one of {', '.join(PROBES)}")
    splitting = Splitting(rows, shuffle, seed, factor_bins)
    task = task_of("dci_es", representation, splitting)
    if not task.names:
        return Scores(refusals=task.refusals)
    capacities, losses = PROBES[probe](representation, task, splitting)
    constant = np.array([_loss_of_a_constant(labels, test) for labels, test in zip(task.labels.T, task.test_labels.T, strict=True)])
    scored = np.flatnonzero(constant > 0)
    why = "the test part, the last third of the rows, holds only the value that is the most frequent in the rest; shuffle the rows"
    refusals = [*task.refusals, *(Refusal("dci_es", task.names[i], why) for i in np.flatnonzero(constant == 0))]
    if not len(scored):
        return Scores(refusals=refusals)
    names, losses, constant = [task.names[i] for i in scored], losses[:, scored], constant[scored]
    setting: Setting = {"probe": probe, **task.setting}
    explicit = np.array([explicitness_of(capacities, curve, loss) for curve, loss in zip(losses.T, constant, strict=True)])
    informed = np.maximum(1 - losses.min(axis=0) / constant, 0.0)
    found = [
        *rows_with_mean("dci_es_explicitness", setting, names, explicit),
        *rows_with_mean("dci_es_informativeness", setting, names, informed),
        Row("dci_es_size", setting, None, len(task.names) / task.codes.shape[1]),
    ]
    return Scores(found, refusals=refusals)


def explicitness_of(capacities: np.ndarray, losses: np.ndarray, constant: float) -> float:
    """E of one curve: test losses at rising capacities, relative to the loss of the best constant answer."""
    least = np.minimum.accumulate(np.minimum(losses, constant))
    above = least - least[-1]
    area = (np.diff(capacities) * (above[1:] + above[:-1]) / 2).sum()
    return float(1 - 2 * area / ((capacities[-1] - capacities[0]) * constant))


def _loss_of_a_constant(labels: np.ndarray, test_labels: np.ndarray) -> float:
    return float(np.mean(test_labels != np.bincount(labels).argmax()))


def _stages(representation: Representation, task: Task, splitting: Splitting) -> tuple[np.ndarray, np.ndarray]:
    trees = fits_of(representation, task, "gbt", {"gbt": boosted_trees}, splitting).trees
    pairs = list(zip(trees, task.test_labels.T, strict=True))
    losses = [[np.mean(fit.predict(task.test_codes, rounds) != labels) for fit, labels in pairs] for rounds in ROUNDS]
    return np.log2(ROUNDS), np.array(losses)


def _growing(grow: Callable[[int], Fit], sizes: Sequence[int]) -> Curves:
    def curves(representation: Representation, task: Task, splitting: Splitting) -> tuple[np.ndarray, np.ndarray]:
        return np.log2(sizes), np.stack([1 - grow(size)(task, splitting.seed).right.mean(axis=0) for size in sizes])

    return curves


PROBES: dict[str, Curves] = {"gbt": _stages, "forest": _growing(forest_of_depth, DEPTHS), "mlp": _growing(mlp_of_units, UNITS)}

"""UDR: unsupervised disentanglement ranking, of several runs on the same samples. Range 0 to 1.

Source: Duan, Matthey, Saraiva, Watters, Burgess, Lerchner, Higgins (2020), Unsupervised model selection for variational disentangled
representation learning, arXiv 1905.12614, in the form that its authors released in disentanglement_lib. The idea: runs that disentangle
find the same dimensions, up to order and sign, and entangled runs each their own mixture. For two runs R[a, b] is how dimension a of
the one relates to dimension b of the other; a row scores max^2 / sum of its entries, and so does a column; the mean of both means
is the score of the pair, and a run's is the median over its pairs.

Estimator. `relation` "lasso" (the published default): absolute coefficients of a lasso (penalty 0.1) that predicts every dimension of
the one run from all of the other, both standardised, solved by coordinate descent on their Gram matrices. "spearman": absolute rank
correlations. Dead dimensions are held at 0 and keep counting in the means, as released; `average` "active" leaves them out, as the
paper writes.

Differs from the released code: a dimension is dead by its standard deviation (below 0.05), since saved codes do not tell its KL; all
samples are used; the lasso is solved to 1e-8.

What it cannot tell: whether dimensions mean anything; runs that share a mistake agree as well. It needs no factors, only the same
samples in the same order. The null shuffles each run's samples; a perfect run has 0.9 with the lasso, whose penalty shrinks its ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from foundation.errors import UserError
from metrics.intervals import interval_rows
from metrics.representation import Representation
from metrics.scores import Matrix, Row, Scores

DEAD = 0.05
SWEEPS, TOLERANCE = 1000, 1e-8


def udr(
    runs: Mapping[str, Representation],
    rng: np.random.Generator,
    *,
    relation: str = "lasso",
    penalty: float = 0.1,
    average: str = "all",
    shuffles: int = 3,
    interval: int = 0,
) -> Scores:
    """The score of each run, its null and its interval (setting `run`), and the matrix `udr` of all pairs of runs.

    Row udr_dead_dimensions tells how many dimensions of a run are held at 0. Raises UserError for fewer than two runs, runs of other
    samples, and unknown settings.
    """
    joined, slices = _joined(runs)
    if relation not in ("lasso", "spearman") or average not in ("all", "active"):
        raise UserError(f"udr knows the relations lasso and spearman and the averages all and active, not {relation!r} and {average!r}")

    def plain(representation: Representation, rng: np.random.Generator) -> Scores:
        codes = [representation.codes[:, part] for part in slices.values()]
        active = [one.std(axis=0, ddof=1) >= DEAD for one in codes]
        table = [_prepared(one, alive, relation) for one, alive in zip(codes, active, strict=True)]
        pairs = _pairs(table, active, relation, penalty, average)
        scores = [float(np.median(np.delete(pairs[:, i], i))) for i in range(len(pairs))]
        told: dict[str, str | int | float | bool] = {"relation": relation, "average": average, "mode": representation.mode}
        if relation == "lasso":
            told["penalty"] = penalty
        rows = [Row("udr", {"run": name, **told}, None, score) for name, score in zip(slices, scores, strict=True)]
        dead = [Row("udr_dead_dimensions", {"run": n, **told}, None, int((~a).sum())) for n, a in zip(slices, active, strict=True)]
        return Scores([*rows, *dead], {"udr": Matrix(pairs, tuple(slices), tuple(slices))})

    found = plain(joined, rng)
    rows = list(found.rows)
    nulls = [plain(_each_shuffled(joined, slices, rng), rng).rows[: len(slices)] for _ in range(shuffles)]
    for row, *others in zip(found.rows[: len(slices)], *nulls, strict=True):
        if others:
            rows.append(Row("udr_null", row.setting, None, float(np.mean([other.value for other in others]))))
    bounds, refusals = interval_rows(plain, joined, rng, found, interval) if interval else ([], [])
    return Scores([*rows, *bounds], found.matrices, refusals)


def of_run(found: Scores, run: str) -> Scores:
    """The rows of one run, without its name in their settings."""
    rows = [row for row in found.rows if row.setting["run"] == run]
    return Scores([replace(row, setting={key: value for key, value in row.setting.items() if key != "run"}) for row in rows])


def lasso(gram: np.ndarray, products: np.ndarray, penalty: float) -> np.ndarray:
    """Coefficients [D, T] that minimise |y - Xw|^2 / 2N + penalty |w|, from X'X / N [D, D] and X'Y / N [D, T]."""
    weights = np.zeros_like(products)
    for _ in range(SWEEPS):
        before = weights.copy()
        for k in np.flatnonzero(np.diag(gram) > 0):
            rest = products[k] - gram[k] @ weights + gram[k, k] * weights[k]
            weights[k] = np.sign(rest) * np.maximum(np.abs(rest) - penalty, 0) / gram[k, k]
        if np.abs(weights - before).max() < TOLERANCE:
            break
    return weights


def agreement(relations: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> float:
    """Mean over these columns, and over these rows, of max^2 / sum of their entries; the mean of both. 0 where all entries are 0."""
    return float(np.mean([_peaks(relations.T, columns), _peaks(relations, rows)]))


def _peaks(relations: np.ndarray, counted: np.ndarray) -> float:
    sums = relations.sum(axis=1)
    peaks = np.divide(relations.max(axis=1) ** 2, sums, out=np.zeros_like(sums), where=sums > 0)
    return float(peaks[counted].mean()) if counted.any() else 0.0


def _pairs(table: list[np.ndarray], active: list[np.ndarray], relation: str, penalty: float, average: str) -> np.ndarray:
    pairs = np.ones((len(table), len(table)))
    grams = [one.T @ one / len(one) for one in table]
    for i, first in enumerate(table):
        for j, second in enumerate(table):
            if i != j:
                products = first.T @ second / len(first)
                relations = np.abs(lasso(grams[i], products, penalty) if relation == "lasso" else products)
                counted = [alive if average == "active" else np.ones_like(alive) for alive in (active[i], active[j])]
                pairs[i, j] = agreement(relations, *counted)
    return pairs


def _prepared(codes: np.ndarray, active: np.ndarray, relation: str) -> np.ndarray:
    """Standardised codes or, for rank correlations, standardised ranks; 0 in a dead dimension."""
    values = codes if relation == "lasso" else np.stack([_ranks(column) for column in codes.T], axis=1)
    values = values - values.mean(axis=0)
    deviations = np.where(active & (values.std(axis=0) > 0), values.std(axis=0), np.inf)
    standardised: np.ndarray = values / deviations
    return standardised


def _ranks(column: np.ndarray) -> np.ndarray:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, places, counts = np.unique(column, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return ranks


def _each_shuffled(joined: Representation, slices: Mapping[str, slice], rng: np.random.Generator) -> Representation:
    codes = np.concatenate([rng.permutation(joined.codes[:, part]) for part in slices.values()], axis=1)
    return Representation(codes, joined.factors, joined.factor_space, joined.mode, joined.sample)


def _joined(runs: Mapping[str, Representation]) -> tuple[Representation, dict[str, slice]]:
    """All dimensions side by side, and where those of each run are."""
    if len(runs) < 2:
        raise UserError("udr compares runs: give it the folders of two or more, on the same samples")
    (first_name, first), *others = runs.items()
    for name, other in others:
        if other.factors.shape != first.factors.shape or not (other.factors == first.factors).all():
            raise UserError(f"{name} and {first_name} have other samples (their factors differ); udr needs the same rows from every run")
    ends = np.cumsum([run.codes.shape[1] for run in runs.values()]).tolist()
    slices = {name: slice(start, end) for name, start, end in zip(runs, [0, *ends], ends, strict=False)}
    codes = np.concatenate([run.codes for run in runs.values()], axis=1)
    return Representation(codes, first.factors, first.factor_space, first.mode, first.sample), slices

"""The frame that OMES and its unbiased variant share: groups of samples, an estimator of the association, rows of scores.

Standard error: a jackknife over blocks. The groups of every factor, in file order, are cut into blocks of equally many
pairs; leaving out the b-th block of all factors at once gives one more set of scores, and their spread tells how far another
draw of as many samples would lie. Neighbours in the file stay together, as the sweeps of one anchor should. Samples in
sorted order make it too large, not too small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from foundation.errors import UserError
from metrics.factor_pairs import PairedFactors, PairGroups, paired_factors
from metrics.overlap_multiple_encoding import POOLINGS, factor_scores, overlap
from metrics.pair_association import PairMoments
from metrics.representation import Representation
from metrics.scores import Matrix, Refusal, Row, Scores, Setting, rows_by_factor

ALPHAS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)


class PairEstimator(Protocol):
    """How the association is found; it, and the mean score, are rounded to `digits` (None: not rounded)."""

    @property
    def name(self) -> str: ...

    @property
    def digits(self) -> int | None: ...

    def moments(self, codes: np.ndarray, groups: PairGroups, values: int, blocks: int, rng: np.random.Generator) -> PairMoments:
        """Moments of standardised codes [N, D] over the pairs of a factor that has so many `values`, in blocks of groups."""

    def deviations(self, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Standard deviation of each dimension, [D], by which it is judged dead."""


@dataclass(frozen=True)
class Association:
    """S of all dimensions and the scored factors [D, F], S with each block left out [B, D, F], which dimensions are active [D]."""

    values: np.ndarray
    without_each: np.ndarray
    active: np.ndarray


@dataclass(frozen=True)
class PairScore:
    """One score of the family: its matrix's name, `poolings` and `alphas` to report, the deviation that dead dimensions miss."""

    name: str
    matrix: str
    estimator: PairEstimator
    poolings: Sequence[str]
    alphas: Sequence[float]
    dead_threshold: float

    def __post_init__(self) -> None:
        for pooling in self.poolings:
            if pooling not in POOLINGS:
                raise UserError(f"there is no pooling {pooling!r} of {self.name}; choose among {', '.join(POOLINGS)}")
        if not all(0 <= alpha <= 1 for alpha in self.alphas):
            raise UserError(f"alpha of {self.name} must lie between 0 and 1, not {', '.join(map(str, self.alphas))}")

    def associate(self, codes: np.ndarray, factors: PairedFactors, blocks: int, rng: np.random.Generator) -> Association:
        """The association of these codes [N, D] with the factors."""
        standardised = _standardised(codes)
        moments = [
            self.estimator.moments(standardised, groups, values, blocks, rng)
            for groups, values in zip(factors.groups, factors.values, strict=True)
        ]
        association = np.stack([one.total().association() for one in moments], axis=-1)
        if self.estimator.digits is not None:
            association = association.round(self.estimator.digits)
        without_each = np.stack([one.without_each().association() for one in moments], axis=-1) if blocks > 1 else association[:0]
        return Association(association, without_each, self.estimator.deviations(codes, rng) >= self.dead_threshold)

    def table(self, association: np.ndarray) -> np.ndarray:
        """The mean and the scores of all factors: [..., D, F] -> [..., poolings * alphas, 1 + F]."""
        alphas = np.array(self.alphas)
        by_factor = np.concatenate([factor_scores(association, pooling, alphas) for pooling in self.poolings], axis=-2)
        return np.concatenate([by_factor.mean(axis=-1, keepdims=True), by_factor], axis=-1)

    def score_table(self, found: Association) -> np.ndarray:
        """`table` of the active dimensions, the mean rounded where the estimator says so."""
        if not found.active.any():  # a shuffled code judged on other rows than the code itself
            return np.zeros((len(self.poolings) * len(self.alphas), 1 + found.values.shape[1]))
        table = self.table(found.values[found.active])
        if self.estimator.digits is not None:
            table[:, 0] = table[:, 0].round(self.estimator.digits)
        return table

    def error_table(self, found: Association) -> np.ndarray:
        """Standard errors, in the shape of `table`: the jackknife over blocks."""
        tables = self.table(found.without_each[:, found.active])
        errors: np.ndarray = np.sqrt((len(tables) - 1) * tables.var(axis=0))
        return errors

    def rows(self, metric: str, table: np.ndarray, names: Sequence[str], setting: Setting) -> list[Row]:
        """The entries of a table as rows, each with its pooling and alpha."""
        lines = [{"pooling": pooling, "alpha": alpha, **setting} for pooling in self.poolings for alpha in self.alphas]
        return [
            Row(metric, line, factor, value)
            for line, values in zip(lines, table.tolist(), strict=True)
            for factor, value in zip((None, *names), values, strict=True)
        ]


def score_pairs(score: PairScore, representation: Representation, rng: np.random.Generator, jackknife_blocks: int) -> Scores:
    """The score and what it rests on, as rows; the matrix [dimensions, scored factors]; and the factors that have no score.

    NAME per factor and (factor None) their mean; beside it NAME_standard_error. Per factor NAME_pairs and
    NAME_dimension (the dimension with the largest overlap score). NAME_factors_scored: how many are in the mean.
    NAME_dead_dimensions: how many take no part. NAME_samples: how many there are.
    """
    factors, refusals = paired_factors(score.name, representation)
    if not factors.names:
        return Scores(refusals=refusals)
    setting: Setting = {"estimator": score.estimator.name, "mode": representation.mode, "sample": representation.sample}
    alone = [name for name, groups in zip(factors.names, factors.groups, strict=True) if len(groups) < 2]
    blocks = 1 if alone else max(jackknife_blocks, 1)
    found = score.associate(representation.codes, factors, blocks, rng)
    dead = int((~found.active).sum())
    rows = [
        Row(f"{score.name}_factors_scored", setting, None, len(factors.names)),
        Row(f"{score.name}_dead_dimensions", setting, None, dead),
        Row(f"{score.name}_samples", setting, None, len(representation.codes)),
        *rows_by_factor(f"{score.name}_pairs", setting, factors.names, [groups.pairs.sum() for groups in factors.groups]),
    ]
    matrices = {score.matrix: _matrix(found, factors.names)}
    if dead == len(found.active):
        reason = f"all {dead} dimensions are dead: no standard deviation reaches {score.dead_threshold:g}"
        return Scores(rows, matrices, [*refusals, Refusal(score.name, None, reason)])

    rows += score.rows(score.name, score.score_table(found), factors.names, setting)
    rows += rows_by_factor(f"{score.name}_dimension", setting, factors.names, encoding_dimensions(found))
    if blocks > 1:
        rows += score.rows(f"{score.name}_standard_error", score.error_table(found), factors.names, setting)
    elif jackknife_blocks > 1:
        refusals += [Refusal(f"{score.name}_standard_error", name, "all its pairs lie in one group of samples") for name in alone]
    return Scores(rows, matrices, refusals)


def encoding_dimensions(found: Association) -> list[int]:
    """For each scored factor the active dimension of largest overlap score, the first of equals; numbered as in the codes."""
    active = np.flatnonzero(found.active)
    return [int(k) for k in active[overlap(found.values[active]).round(9).argmax(axis=0)]]


def _matrix(found: Association, names: Sequence[str]) -> Matrix:
    labels = tuple(str(k) if alive else f"{k} dead" for k, alive in enumerate(found.active))
    return Matrix(found.values, labels, tuple(names))


def _standardised(codes: np.ndarray) -> np.ndarray:
    """Codes with mean 0 and standard deviation 1; 0 for a constant dimension. Correlations stay, sums of squares stay exact."""
    centred: np.ndarray = codes - codes.mean(axis=0)
    deviation = np.sqrt(np.einsum("nd,nd->d", centred, centred) / len(codes))
    constant = deviation <= 1e-12 * np.abs(codes).max(axis=0)
    centred *= np.where(constant, 0.0, 1 / np.where(constant, 1.0, deviation))
    return centred

"""OMES: overlap and multiple encoding score, of codes whose factors of variation are known. Range 0 to 1, see the ceiling.

Source: Dapueto, Noceti, Odone (2024), Transferring disentangled representations, arXiv 2409.18017. How much a dimension
changes with a factor is measured on pairs of samples that differ in that factor alone (`pair_association`); a factor scores
high where one dimension changes with it and with no other factor (overlap, alpha = 1: modularity) and no second dimension
changes with it (multiple encoding, alpha = 0: compactness). `overlap_multiple_encoding` has the formulas.

Estimators. `exact`, the default, is what the published procedure gives after infinitely many draws: deterministic,
unrounded, one pass over the samples per factor. `sampled` is the published procedure: random pairs, S and the mean rounded
to four digits, dead dimensions judged on 10,000 rows drawn with replacement. Both agree within the error of the draw.

Differs from the released code: all draws are seeded; alpha runs over 1, 0.9, ... 0 (the release lists 1 twice and omits
0.1); a factor without pairs is refused by name and left out, where the release turns every score into NaN; dimensions are
numbered as in the codes, not among the active ones.

What it cannot tell:
- The ceiling is below 1. Partners have different values by construction, so a perfect dimension correlates by -1/(K - 1) for
  a factor of K values: about 0.83 is perfect on Shapes3D, and a binary factor scores 0 however well it is encoded.
- The floor is above 0: noise has S = 1 everywhere, and scores alpha / F + (1 - alpha) / D.
- Few pairs, much noise: n uniform samples of a grid with P points in the other factors hold about n^2 / (2 P) pairs of a
  factor. See the rows omes_pairs and omes_standard_error, and sample by intervention where the grid is large.
- In mode `sampled` a dead dimension has standard deviation 1, is not pruned, counts as changing with everything, and wrecks
  `avg`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foundation.errors import UserError
from metrics.factor_pairs import PairGroups
from metrics.overlap_multiple_encoding import POOLINGS
from metrics.pair_association import PairMoments, exact_moments, sampled_moments
from metrics.pair_scores import ALPHAS, PairEstimator, PairScore, score_pairs
from metrics.representation import Representation
from metrics.scores import Scores

ROWS_JUDGED = 10_000  # drawn by the release to find dead dimensions


def omes(
    representation: Representation,
    rng: np.random.Generator,
    *,
    estimator: str = "exact",
    poolings: Sequence[str] = POOLINGS,
    alphas: Sequence[float] = ALPHAS,
    dead_threshold: float = 0.05,
    jackknife_blocks: int = 50,
) -> Scores:
    """OMES per factor and their mean, for each pooling and alpha, with what it rests on: `score_pairs` lists the rows.

    `estimator` is "exact" or "sampled". Dimensions with a standard deviation below `dead_threshold` take no part.
    `jackknife_blocks` 0 leaves out the standard error.
    Raises UserError for unknown settings.
    """
    score = PairScore("omes", "association", estimator_named(estimator), poolings, alphas, dead_threshold)
    return score_pairs(score, representation, rng, jackknife_blocks)


def estimator_named(name: str) -> PairEstimator:
    """The estimator of this name; UserError where there is none."""
    estimators: dict[str, PairEstimator] = {"exact": Exact(), "sampled": Sampled()}
    if name not in estimators:
        raise UserError(f"OMES has no estimator {name!r}; choose one of {', '.join(estimators)}")
    return estimators[name]


@dataclass(frozen=True)
class Exact:
    """All pairs at once; dead dimensions judged on all samples."""

    name: str = "exact"
    digits: int | None = None

    def moments(self, codes: np.ndarray, groups: PairGroups, values: int, blocks: int, rng: np.random.Generator) -> PairMoments:
        return exact_moments(codes, groups, blocks)

    def deviations(self, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        deviations: np.ndarray = codes.std(axis=0, ddof=1)
        return deviations


@dataclass(frozen=True)
class Sampled:
    """Random pairs, as published; dead dimensions judged on rows drawn with replacement."""

    name: str = "sampled"
    digits: int | None = 4

    def moments(self, codes: np.ndarray, groups: PairGroups, values: int, blocks: int, rng: np.random.Generator) -> PairMoments:
        return sampled_moments(codes, groups, blocks, rng)

    def deviations(self, codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        deviations: np.ndarray = codes[rng.integers(0, len(codes), ROWS_JUDGED)].std(axis=0, ddof=1)
        return deviations

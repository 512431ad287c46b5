"""OMES on pairs drawn with replacement: a perfect dimension has S = 1 for every number of values, so the ceiling is 1.

A variant of `omes` under a name of its own, not published. There, partners always have different values, which makes a
perfect dimension correlate by -1/(K - 1) for a factor of K values and hides binary factors altogether. Here a partner's
value is drawn anew and may come out equal, with probability 1/K: for 1/K of the weight the partner is the sample itself. K
is the number of values that occur in the samples. On a full grid this is drawing with replacement within each group; on a
sparse sample, whose groups hold two or three of the K values, it is what the full grid would give, where drawing within the
group would not be.

What it cannot tell: as `omes`, but for the first two points. The ceiling is near 1 where values are equally frequent; where
some are rare, a perfect dimension's correlation is not quite 0. Noise correlates by 1/K with itself and so has S = 1 - 1/K:
see the null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.factor_pairs import PairGroups
from metrics.omes import Exact
from metrics.overlap_multiple_encoding import POOLINGS
from metrics.pair_association import PairMoments, exact_moments
from metrics.pair_scores import ALPHAS, PairScore, score_pairs
from metrics.representation import Representation
from metrics.scores import Scores


def omes_unbiased(
    representation: Representation,
    rng: np.random.Generator,
    *,
    poolings: Sequence[str] = POOLINGS,
    alphas: Sequence[float] = ALPHAS,
    dead_threshold: float = 0.05,
    jackknife_blocks: int = 50,
) -> Scores:
    """The unbiased variant per factor and its mean; settings, rows and matrix as those of `omes`, exact estimator only."""
    score = PairScore("omes_unbiased", "association_unbiased", WithReplacement(), poolings, alphas, dead_threshold)
    return score_pairs(score, representation, rng, jackknife_blocks)


@dataclass(frozen=True)
class WithReplacement(Exact):
    """All pairs at once, a sample with itself among them."""

    def moments(self, codes: np.ndarray, groups: PairGroups, values: int, blocks: int, rng: np.random.Generator) -> PairMoments:
        return exact_moments(codes, groups, blocks, repeats=1 / values)

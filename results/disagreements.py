"""Where two scores of one code disagree, and which convention makes them: bins, pooling, split, mean or sampled codes.

Scores are compared by where they stand between null (0) and ceiling (1), since their plain values have different floors and tops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foundation.randomness import stream
from metrics.mig import mig
from metrics.omes import omes
from metrics.representation import Representation
from metrics.scores import Scores
from results.score_lines import lines_of

APART = 0.25  # of the way from null to ceiling
BINS = (10, 20, 50)
HALVES_APART = 0.1


@dataclass(frozen=True)
class Contrast:
    """Two scores that look at different sides of a code, and what it means where the first stands far above the second."""

    above: str
    below: str
    meaning: str


CONTRASTS = (
    Contrast("omes", "mig", "OMES pools dimensions and goes by correlation, MIG subtracts the second best dimension in bins"),
    Contrast("mig", "omes", "MIG asks for one dimension for each factor, OMES also for one factor in each dimension"),
    Contrast(
        "factor_vae", "mig", "FactorVAE asks only which dimension varies least, MIG also how much of the factor no other dimension holds"
    ),
    Contrast("beta_vae", "mig", "BetaVAE's linear classifier may combine dimensions, MIG wants one of them"),
    Contrast("beta_vae", "factor_vae", "a linear classifier may combine dimensions, a vote of one dimension cannot"),
    Contrast("dci_disentanglement", "dci_completeness", "each dimension holds one factor, but factors are split over dimensions"),
    Contrast("dci_completeness", "dci_disentanglement", "each factor has one dimension, but dimensions merge factors"),
    Contrast("dci_informativeness", "dci_disentanglement", "the code tells the factors, but not each in dimensions of its own"),
    Contrast("modularity", "mig", "dimensions hold one factor each, but a factor has several dimensions, or is told in part"),
    Contrast("explicitness", "mig", "a classifier on all dimensions finds the factors, though no single dimension does"),
    Contrast("sap_continuous", "mig", "a dimension follows a factor linearly, but coarsely: squared correlation forgives what bins count"),
    Contrast("mig", "sap_continuous", "dimensions know their factors, but not linearly (circular factors, categories out of order)"),
)


def disagreements(representation: Representation, found: Mapping[str, Scores], other_mode: Representation | None) -> list[str]:
    """One sentence for each pair of scores far apart, and for each convention that moves a score."""
    places = _places(found)
    said = [
        f"{one.above} ({places[one.above]:.2f} of the way from null to ceiling) stands above {one.below} ({places[one.below]:.2f}): "
        f"{one.meaning}."
        for one in CONTRASTS
        if one.above in places and one.below in places and places[one.above] - places[one.below] > APART
    ]
    return [*said, *_pooling(representation), *_bins(representation), *_split(representation), *_mode(representation, other_mode)]


def _places(found: Mapping[str, Scores]) -> dict[str, float]:
    """Where each mean score stands between its null and its ceiling; the first setting of each (OMES: max pooling, alpha 0.5)."""
    places: dict[str, float] = {}
    for scores in found.values():
        for line in lines_of("", scores):
            null, ceiling = line.beside.get("null", np.nan), line.beside.get("ceiling", np.nan)
            wanted = line.row.factor is None and line.row.setting.get("alpha", 0.5) == 0.5
            if wanted and line.row.metric not in places and ceiling - null > 0.1:
                places[line.row.metric] = (line.row.value - null) / (ceiling - null)
    return places


def _pooling(representation: Representation) -> list[str]:
    plain = omes(representation, stream(0, "explain"), alphas=(0.5,), jackknife_blocks=0)
    means = {row.setting["pooling"]: row.value for row in plain.rows if row.metric == "omes" and row.factor is None}
    if not means or abs(means["max"] - means["avg"]) < 0.15:
        return []
    return [
        f"OMES depends on its pooling: {means['max']:.2f} with max, which takes the best dimension of each factor, {means['avg']:.2f} with "
        "avg, which counts the others as well: some dimensions change with factors that are not theirs, or with none."
    ]


def _bins(representation: Representation) -> list[str]:
    values = {bins: _mig(representation, bins) for bins in BINS}
    if max(values.values()) - min(values.values()) < 0.1:
        return []
    shown = ", ".join(f"{value:.2f} with {bins} bins" for bins, value in values.items())
    return [f"MIG depends on its bins: {shown}. Codes are spread unevenly, or a factor has about as many values as there are bins."]


def _split(representation: Representation) -> list[str]:
    """Whether the last third of the rows holds other values than the first two thirds."""
    cut = -(-2 * len(representation.factors) // 3)
    said = []
    space = representation.factor_space
    for name, kind, column in zip(space.names, space.kinds, representation.factors.T, strict=True):
        if kind == "continuous" or cut == len(column):
            continue
        ranks = np.unique(column, return_inverse=True)[1]
        first, last = (np.bincount(part, minlength=ranks.max() + 1) / len(part) for part in (ranks[:cut], ranks[cut:]))
        apart = float(np.abs(first - last).sum() / 2)
        if apart > HALVES_APART + np.sqrt(len(first) / len(column)):
            said.append(name)
    if not said:
        return []
    has = "has" if len(said) == 1 else "have"
    return [
        f"The rows are in an order: {', '.join(said)} {has} other values in the last third than before. Scores that train on the first two "
        "thirds and test on the rest (DCI, downstream, BetaVAE, FactorVAE, explicitness, discrete SAP) are too low; shuffle the rows."
    ]


def _mode(representation: Representation, other: Representation | None) -> list[str]:
    if other is None:
        return []
    here, there = _mig(representation), _mig(other)
    if abs(here - there) < 0.1:
        return []
    return [
        f"MIG is {here:.2f} on {representation.mode} codes and {there:.2f} on {other.mode} codes: published numbers differ in which they "
        "take. One posterior draw adds the encoder's noise, and fills dead dimensions with it."
    ]


def _mig(representation: Representation, bins: int = 20) -> float:
    rows = mig(representation, stream(0, "explain"), bins=bins).rows
    return next((row.value for row in rows if row.metric == "mig" and row.factor is None), 0.0)

"""What the scores of a code show, in plain words: which dimensions are dead, split, merged or mixed, and why metrics disagree.

All of it is read off the numbers. The association of a dimension with a factor is their mutual information, in the bins of MIG, as a
share of the factor's entropy, less what shuffled codes get; a dimension holds a factor from a share of TOLD on, and another dimension
holds it as well from PART of the share of the best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from metrics.discretisation import equal_width_bins
from metrics.mutual_information import discrete_factors, entropy, mutual_information
from metrics.representation import Representation
from metrics.scores import Scores
from results.disagreements import disagreements

DEAD = 0.05
TOLD = 0.1  # of a factor's entropy
PART = 0.4  # of the best dimension's share
WELL = 0.5  # of a factor's entropy, from which on one dimension alone tells most of it
COPY = 0.9  # correlation of two dimensions that hold the same


def explain(representation: Representation, found: Mapping[str, Scores], other_mode: Representation | None = None) -> list[str]:
    """Sentences, the most important first. `other_mode`: the same samples under the other of mean and sampled codes."""
    factors, space, refusals = discrete_factors("", representation)
    said = [f"{refusal.factor} is not judged here: {refusal.reason}." for refusal in refusals]
    dead = np.flatnonzero(representation.codes.std(axis=0, ddof=1) < DEAD)
    if len(dead):
        said.append(
            f"{_dimensions(dead)} {'is' if len(dead) == 1 else 'are'} dead: standard deviation below {DEAD}. Nothing is encoded there."
        )
    if not space.names:
        return said
    shares = information_shares(representation.codes, factors)
    shares[dead] = 0.0
    structure = _structure(shares, space.names, representation.codes)
    fine = "every factor has one dimension of its own, and no dimension holds two factors: nothing is wrong here."
    said += structure or [f"For the rest, {fine}" if said else fine.capitalize()]
    return said + disagreements(representation, found, other_mode)


def information_shares(codes: np.ndarray, factors: np.ndarray, bins: int = 20, shuffles: int = 3) -> np.ndarray:
    """Mutual information of dimensions and factors as shares of the factors' entropies, less that of shuffled rows: [D, F], from 0."""
    binned = equal_width_bins(codes, bins)
    rng = np.random.default_rng(0)
    chance = np.mean([mutual_information(rng.permutation(binned), factors) for _ in range(shuffles)], axis=0)
    entropies = np.array([entropy(np.bincount(column)) for column in factors.T])
    shares: np.ndarray = np.maximum(mutual_information(binned, factors) - chance, 0) / entropies
    return shares


def _structure(shares: np.ndarray, names: Sequence[str], codes: np.ndarray) -> list[str]:
    best = shares.max(axis=0)
    holds = (shares >= TOLD) & (shares >= PART * best)  # [D, F]: which dimensions hold a factor, each factor by its own best
    told = best >= TOLD
    hidden = [name for name, known in zip(names, told, strict=True) if not known]
    said = []
    if not told.any() and (shares.sum(axis=0) < TOLD).all():
        return ["No factor is encoded: no dimension tells more of any factor than a shuffled code would."]
    # A dimension merges the factors of which it tells nearly half as much as of its own best.
    merges = (shares >= TOLD) & (shares >= PART * shares.max(axis=1, keepdims=True))
    splits = holds.sum(axis=0) > 1
    if _mixed(shares):
        said.append(
            "The factors are mixed: no dimension belongs to one factor, and none tells most of a factor (the best tells "
            f"{best.max():.0%} of {names[int(best.argmax())]}). So a rotation of a good code looks; scores that fit a classifier on all "
            "dimensions (BetaVAE, informativeness, explicitness, downstream) can still be high."
        )
        return said + _not_encoded(hidden, shares, names)
    said += _not_encoded(hidden, shares, names)
    said += _split(splits, holds, shares, names, codes)
    for k in np.flatnonzero(merges.sum(axis=1) > 1).tolist():
        merged = [f"{names[i]} ({shares[k, i]:.0%})" for i in np.flatnonzero(merges[k]).tolist()]
        said.append(f"Dimension {k} merges {_listed(merged)}: modularity and DCI disentanglement fall, and MIG does not see it.")
    alone = ~splits & ~(merges.sum(axis=1) > 1)[shares.argmax(axis=0)]
    for i in np.flatnonzero(told & (best < WELL) & alone).tolist():
        said.append(f"{names[i]} is told in part: the best dimension ({int(shares[:, i].argmax())}) has {best[i]:.0%} of its entropy.")
    return said


def _split(splits: np.ndarray, holds: np.ndarray, shares: np.ndarray, names: Sequence[str], codes: np.ndarray) -> list[str]:
    """Factors that several dimensions hold; copies of dimensions are told together."""
    copied, said = [], []
    for i in np.flatnonzero(splits).tolist():
        dimensions = np.flatnonzero(holds[:, i])
        if _copies(codes, dimensions):
            copied.append(f"{names[i]} ({_dimensions(dimensions).lower()})")
            continue
        told = [f"{shares[k, i]:.0%}" for k in dimensions]
        said.append(
            f"{names[i]} is split over {_dimensions(dimensions).lower()}, which tell {_listed(told)} of it: MIG and completeness fall."
        )
    if copied:
        verb = "is" if len(copied) == 1 else "are"
        why = "held by dimensions that copy each other. MIG falls to 0 for such a factor, and completeness falls."
        said.insert(0, f"{_listed(copied)} {verb} split: {why}")
    return said


def _not_encoded(hidden: Sequence[str], shares: np.ndarray, names: Sequence[str]) -> list[str]:
    said = []
    for name in hidden:
        best = shares[:, list(names).index(name)].max()
        said.append(f"{name} is not encoded in any one dimension: the best tells {best:.0%} of its entropy.")
    return said


def _mixed(shares: np.ndarray) -> bool:
    """Whether most factors have no dimension that tells most of them, though the dimensions together do tell of them."""
    weak = shares.max(axis=0) < WELL
    spread = shares.sum(axis=0) >= 1.5 * shares.max(axis=0)
    return bool((weak & spread & (shares.sum(axis=0) >= TOLD)).mean() > 0.5)


def _copies(codes: np.ndarray, dimensions: np.ndarray) -> bool:
    correlations = np.abs(np.corrcoef(codes[:, dimensions], rowvar=False))
    return bool(correlations.min() >= COPY)


def _dimensions(numbers: np.ndarray) -> str:
    return f"Dimension{'s' if len(numbers) > 1 else ''} {_listed([str(k) for k in numbers])}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

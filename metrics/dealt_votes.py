"""The vote that Z-min-variance and Z-max-variance share: batches dealt from groups of rows, one dimension standing out in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from metrics.fixed_factor_batches import VARIANCE_ROWS, active_scales, all_dead, positive, rate_rows, rescaled, vote_rates, votes
from metrics.representation import Representation
from metrics.scores import Refusal, Scores, Setting
from metrics.value_groups import ValueGroups


def dealt_rates(
    metric: str,
    representation: Representation,
    names: tuple[str, ...],
    groups: Sequence[ValueGroups],
    refusals: list[Refusal],
    stands_out: Callable[..., np.ndarray],
    settings: Mapping[str, int],
    rng: np.random.Generator,
) -> Scores:
    """Rescaled rates of right test votes; `groups` are those of each factor, `stands_out` is np.argmin or np.argmax.

    `settings` holds batch, training_points and test_points, and whatever else the rows should tell.
    """
    batch, points = settings["batch"], np.array([settings["training_points"], settings["test_points"]])
    positive(batch=batch - 1, training_points=int(points[0]), test_points=int(points[1]))
    lonely = [name for name, g in zip(names, groups, strict=True) if g.sizes.max() < 2]
    refusals = [*refusals, *(Refusal(metric, name, "no two samples form a batch for it") for name in lonely)]
    if not groups or lonely:
        return Scores(refusals=refusals)
    samples, dimensions = representation.codes.shape
    active, variances = active_scales(representation.codes, rng.permutation(samples)[:VARIANCE_ROWS])
    if not len(active):
        return all_dead(metric, dimensions, refusals)
    codes = representation.codes[:, active] / np.sqrt(variances)
    drawn = np.stack([np.bincount(rng.integers(0, len(groups), n), minlength=len(groups)) for n in points], axis=1)
    tables = [np.zeros((len(active), len(groups)), dtype=np.int64) for _ in points]
    for factor, (group, counts) in enumerate(zip(groups, drawn, strict=True)):
        voters, phase = _voters(codes, group, counts, batch, stands_out, rng)
        for which, table in enumerate(tables):
            table += votes(voters[phase == which], np.full(counts[which], factor), (len(active), len(groups)))
    overall, by_factor = vote_rates(*tables)
    setting: Setting = {**settings, "mode": representation.mode, "sample": representation.sample}
    scores = rescaled(overall, len(names)), rescaled(by_factor, len(names))
    return Scores(rate_rows(metric, setting, names, *scores, samples), refusals=refusals)


def _voters(
    codes: np.ndarray, group: ValueGroups, counts: np.ndarray, batch: int, stands_out: Callable[..., np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The dimension that stands out in each batch, and whether the batch is for training (0) or test (1)."""
    usable = np.flatnonzero(group.sizes > 1)
    phase = np.repeat([0, 1], counts)
    values = usable[rng.integers(0, len(usable), len(phase))]
    voters = np.empty(len(phase), dtype=np.int64)
    for value in np.unique(values):
        here = np.flatnonzero(values == value)  # training before test, as they are dealt
        rows = group.shuffles(value, len(here) * batch, rng).reshape(len(here), batch)
        voters[here] = stands_out(codes[rows].var(axis=1), axis=1)
    return voters, phase

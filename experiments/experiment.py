"""What an experiment is: data, a model, how it trains, what is saved of it and how it is scored. A configuration file fills this in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from datasets.batches import BatchSource, BatchSpec
from foundation.errors import UserError
from metrics.available import METRICS, Available
from metrics.of_models.elbo import ModelScore
from metrics.reference_codes import ReferenceCodes
from metrics.representation import Representation
from metrics.scores import Metric, Scores
from models.model import Model
from representation import Sample
from training.training import Selection, Training

UNLISTED = Available("", "", span=(-math.inf, math.inf))


@dataclass(frozen=True)
class Score:
    """A metric, the samples and the modes of the representation that it is computed on, and what is found beside each score.

    `block` names a part of the code ("invariant", say) that is scored by itself: its rows say so in their setting, its matrices in their
    names, and dimensions are counted within it. Scores of a whole code and of its blocks are never mixed in a table.
    `shuffles` (None: as many as `metrics.available` finds worth their cost, 0: no null), `ceiling` and `interval` (subsamples, 0: none)
    are those of `readable`.
    """

    metric: Metric
    samples: tuple[str, ...] = ("uniform",)
    modes: tuple[str, ...] = ("mean",)
    shuffles: int | None = None
    ceiling: bool = True
    interval: int = 0
    block: str | None = None

    def part(self, representation: Representation) -> Representation:
        """What of the codes is scored. Raises UserError where they have no such block."""
        return representation if self.block is None else representation.block(self.block)

    def __call__(self, representation: Representation, rng: np.random.Generator, references: ReferenceCodes | None = None) -> Scores:
        """The metric's rows and what makes them readable; `references` are those of the part that is scored."""
        beside = METRICS.get(getattr(self.metric, "__name__", ""), UNLISTED)
        found = beside.score(
            self.part(representation),
            rng,
            metric=self.metric,
            shuffles=self.shuffles,
            ceiling=self.ceiling,
            interval=self.interval,
            references=references,
        )
        return found if self.block is None else _of_block(found, self.block)


def _of_block(found: Scores, block: str) -> Scores:
    """Scores whose rows and matrices tell which part of the code they are of."""
    rows = [replace(row, setting={**row.setting, "block": block}) for row in found.rows]
    matrices = {f"{name}_{block}": matrix for name, matrix in found.matrices.items()}
    refusals = [replace(one, reason=f"{one.reason} (block {block})") for one in found.refusals]
    return replace(found, rows=rows, matrices=matrices, refusals=refusals)


@dataclass(frozen=True)
class Start:
    """Weights to begin from: `parts`, named children of the model, loaded strictly from another run of the same seed.

    `experiment` names the run to begin from (pretraining); None means the Source of a transfer. `optimiser` takes the other run's
    Adam state over, and with it its learning rate, as the released transfer does; a fresh one is the default.
    """

    parts: tuple[str, ...] = ("network",)
    experiment: str | None = None
    optimiser: bool = False


@dataclass(frozen=True)
class Experiment:
    """`source`, `model`, `training`, `selection` and `start` shape the weights; the rest may change without a new run.

    `samples` are the representations that are saved, by name; `scores` and `model_scores` what is computed from them and from the model.
    """

    source: BatchSource
    model: Callable[[BatchSpec], Model]
    training: Training
    samples: Mapping[str, Sample]
    scores: Mapping[str, Score] = field(default_factory=dict)
    model_scores: Mapping[str, ModelScore] = field(default_factory=dict)
    selection: Selection | None = None
    start: Start | None = None

    def __post_init__(self) -> None:
        for name, score in self.scores.items():
            unknown = [sample for sample in score.samples if sample not in self.samples]
            if unknown:
                raise UserError(f"the score {name} asks for the sample {', '.join(unknown)}; samples are {', '.join(self.samples)}")

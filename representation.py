"""Model and source to saved representations: which samples are encoded, and how.

Two samples serve different scores. `Uniform` rows show the codes as the data set is distributed; on a large grid few of them differ
in one factor alone. `Intervention` sweeps each factor from a number of anchors, so that every factor has as many such pairs as rows
allow (Suter et al. 2019 call it that), and OMES is not at the mercy of a few dozen pairs.

The rows are the same for every seed of an experiment, and so is the noise of a noisy set: runs are compared on the same images, as UDR
requires, and what is left between seeds is the models' own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from datasets.batches import BatchSource, Observed
from datasets.factor_space import FactorSpace
from datasets.factored_dataset import FactoredDataset
from foundation.errors import UserError
from foundation.randomness import stream
from models.model import Model, Representer
from training.noise import noise

BATCH = 256
SAMPLE_SEED = 0  # of rows and of what is not a factor, whatever the seed of the run


@dataclass(frozen=True)
class Drawn:
    """Rows to encode: `factors` [N, F] with their space, and the data set and indices [N] to look the observations up."""

    dataset: FactoredDataset
    indices: np.ndarray

    @property
    def factors(self) -> np.ndarray:
        return self.dataset.factors[self.indices]

    @property
    def factor_space(self) -> FactorSpace:
        return self.dataset.factor_space

    def batches(self, name: str) -> Iterator[Tensor]:
        """Observations in order, `BATCH` at a time; what is not a factor is drawn from a stream of the sample's name."""
        for place, start in enumerate(range(0, len(self.indices), BATCH)):
            yield self.dataset.observations(self.indices[start : start + BATCH], stream(SAMPLE_SEED, "represent", name, place))


class Sample(Protocol):
    """A way to draw the rows of a representation from the data of an experiment."""

    def draw(self, source: BatchSource, rng: np.random.Generator) -> Drawn: ...


class Uniform:
    """`rows` observations drawn uniformly with replacement (published: 15,008)."""

    def __init__(self, rows: int = 15_008) -> None:
        self.rows = rows

    def draw(self, source: BatchSource, rng: np.random.Generator) -> Drawn:
        dataset = dataset_of(source)
        return Drawn(dataset, rng.integers(0, len(dataset.factors), self.rows))


class Intervention:
    """About `rows` observations: anchors drawn uniformly, and from each anchor every value of every factor, the others held.

    Combinations that the data set lacks are left out. Every anchor is a group of K rows for each factor of K values, so that every
    factor has the same number of groups to be judged by.
    """

    def __init__(self, rows: int = 15_008) -> None:
        self.rows = rows

    def draw(self, source: BatchSource, rng: np.random.Generator) -> Drawn:
        dataset = dataset_of(source)
        space = dataset.factor_space
        if "continuous" in space.kinds:
            raise UserError(f"{dataset.name} has continuous factors, which cannot be swept; use the uniform sample")
        length = 1 + sum(space.sizes[column] - 1 for column in space.varying)
        anchors = dataset.factors[rng.integers(0, len(dataset.factors), max(1, self.rows // length))]
        # Each anchor is followed by its sweeps: rows that belong together stay together, which standard errors rely on.
        rows = np.repeat(anchors[:, None], length, axis=1)
        begin = 1
        for column in space.varying:
            others = np.arange(space.sizes[column] - 1)
            rows[:, begin : begin + len(others), column] = others + (others >= anchors[:, [column]])
            begin += len(others)
        indices = dataset.factors.index_of(rows.reshape(-1, len(space)))
        return Drawn(dataset, indices[indices >= 0])


class WholeSet:
    """All rows of a data set of its own: the test set of a source that is a law."""

    def __init__(self, dataset: FactoredDataset) -> None:
        self.dataset = dataset

    def draw(self, source: BatchSource, rng: np.random.Generator) -> Drawn:
        return Drawn(self.dataset, np.arange(len(self.dataset.factors)))


def dataset_of(source: BatchSource) -> FactoredDataset:
    """The data set behind a source. Raises UserError where there is none: such a source brings a sample of its own."""
    if not isinstance(source, Observed):
        raise UserError(f"{type(source).__name__} has no data set to draw rows from; give its experiment a sample of its own")
    return source.dataset


@torch.inference_mode()
def encoded(model: Model, drawn: Drawn, seed: int, name: str, device: torch.device) -> dict[str, np.ndarray]:
    """Codes of the rows by mode: `mean`, the posterior means, and `sampled`, one draw from each posterior; [N, D] float32."""
    if not isinstance(model, Representer):
        raise UserError(f"{type(model).__name__} gives no codes, so that nothing can be represented or scored")
    model.eval()
    means, samples = [], []
    with noise(seed, "represent", name, device=device):
        for observations in drawn.batches(name):
            posterior = model.encode(observations.to(device))
            means.append(posterior.mean.cpu())
            samples.append(posterior.sample().cpu())
    return {"mean": torch.cat(means).numpy(), "sampled": torch.cat(samples).numpy()}

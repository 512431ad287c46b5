"""How well a learned symmetry holds: symmetry_error and symmetry_motion of a model whose code is split into Z0 and Z1.

Moving along Z0 with Z1 held should change X and leave Y (Wieser, Parbhoo, Wieczorek, Roth 2020, arXiv 2002.02782, which shows it in
pictures and gives no figure). Z0 of one observation is put beside Z1 of another, so that every code is made of parts that occur; the
result is decoded to X', and X' is encoded again. symmetry_error is the mean over rows of |predicted Y of X' - predicted Y of Z1|, summed
over dimensions: 0 where Y stays, in units of Y; that Z1 is held makes the second trivially constant, so the first is what tells.
symmetry_motion is the mean of |X' - X|, likewise: a model that ignores Z0 has no error, and no motion either.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from datasets.batches import BatchSource
from datasets.factored_dataset import FactoredDataset
from metrics.scores import Refusal, Row, Scores
from models.model import Model, Representer
from models.symmetry.target_model import TargetModel


class Predictor(Representer, Protocol):
    """A model with blocks `invariant` and `target`, which predicts its target from a code."""

    def predict(self, codes: Tensor) -> Tensor | None:
        """Numbers [N, M] of codes [N, D]."""


def learned_symmetry(
    model: Model, source: BatchSource, rng: np.random.Generator, *, test_set: FactoredDataset, rows: int = 10_000
) -> Scores:
    """Rows symmetry_error and symmetry_motion on the first `rows` rows of a test set, each with Z0 of another row drawn from `rng`."""
    if not isinstance(model, TargetModel) or "target" not in model.blocks:
        return Scores(refusals=[Refusal("symmetry_error", None, f"{type(model).__name__} has no Z1 to hold")])
    count = min(rows, len(test_set.factors))
    observations = test_set.observations(np.arange(count), rng).to(next(model.parameters()).device)
    with torch.inference_mode():
        codes = model.encode(observations).mean
        invariant = codes[torch.from_numpy(rng.permutation(count)), model.blocks["invariant"]]
        moved, change = moved_along(model, codes, invariant)
        motion = (moved - observations).abs().flatten(1).sum(1)
    setting = {"rows": count}
    return Scores(
        [
            Row("symmetry_error", setting, None, float(change.abs().sum(1).double().mean())),
            Row("symmetry_motion", setting, None, float(motion.double().mean())),
        ]
    )


def moved_along(model: Predictor, codes: Tensor, invariant: Tensor) -> tuple[Tensor, Tensor]:
    """Codes [N, D] with their Z0 replaced by `invariant` [N, D0]: X' [N, ...], and how far its predicted Y is off [N, K]."""
    swapped = codes.clone()
    swapped[:, model.blocks["invariant"]] = invariant
    moved = model.decode(swapped)
    held, found = model.predict(codes), model.predict(model.encode(moved).mean)
    assert held is not None and found is not None
    return moved, found - held

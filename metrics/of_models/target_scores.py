"""How well a model of X and Y reconstructs, predicts and hides: x_mae, y_mae, mi_z0_y (Wieser et al. 2020, arXiv 2002.02782).

On posterior means of a fixed test set: x_mae and y_mae are the row means of the absolute error summed over dimensions; mi_z0_y is the
mutual information between the invariant part of the code and Y in bits, by Kraskov's estimator with k = 20, which is not clipped.
Lower is better for all three. A model without a predictor has no y_mae. On the spiral, 0.25 bits is what the published STIB leaves, and
0.43 is the y_mae of the best possible predictor.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from datasets.batches import BatchSource
from datasets.factored_dataset import FactoredDataset
from foundation.randomness import stream
from metrics.ksg import ksg_mutual_information
from metrics.scores import Refusal, Row, Scores
from models.model import Model
from models.symmetry.target_model import TargetModel


def target_scores(
    model: Model, source: BatchSource, rng: np.random.Generator, *, test_set: FactoredDataset, neighbours: int = 20, rows: int = 0
) -> Scores:
    """Rows x_mae, y_mae and mi_z0_y on the first `rows` rows of a test set (0: all), whose first factors are the targets."""
    if not isinstance(model, TargetModel):
        return Scores(refusals=[Refusal("x_mae", None, f"{type(model).__name__} has no target")])
    x_mae, y_mae, information = _measured(model, test_set, rng, neighbours, rows)
    setting: dict[str, str | int | float | bool] = {
        "rows": rows or len(test_set.factors),
        "test_set": test_set.provenance.partition(":")[0].partition(" file")[0],
    }
    found = [Row("x_mae", setting, None, x_mae)]
    found.append(Row("mi_z0_y", {**setting, "k": neighbours, "units": "bits"}, None, information))
    if y_mae is None:
        return Scores(found, refusals=[Refusal("y_mae", None, f"{type(model).__name__} predicts no target")])
    return Scores([*found, Row("y_mae", setting, None, y_mae)])


def total_on_validation(model: Model, seed: int, *, validation_set: FactoredDataset, neighbours: int = 20, rows: int = 4000) -> float:
    """x_mae + y_mae + mi_z0_y on a validation draw: what weights are chosen by. The released code chose on the test set."""
    assert isinstance(model, TargetModel)
    x_mae, y_mae, information = _measured(model, validation_set, stream(seed, "validation"), neighbours, rows)
    return x_mae + (y_mae or 0.0) + information


def errors_on_validation(model: Model, seed: int, *, validation_set: FactoredDataset, rows: int = 4000) -> float:
    """x_mae + y_mae on a validation draw: what the weights of models without an adversary are chosen by, as in the released code."""
    assert isinstance(model, TargetModel)
    x_mae, y_mae = _errors(model, *_rows(model, validation_set, stream(seed, "validation"), rows))[:2]
    return x_mae + (y_mae or 0.0)


def _measured(
    model: TargetModel, test_set: FactoredDataset, rng: np.random.Generator, neighbours: int, rows: int
) -> tuple[float, float | None, float]:
    observations, targets = _rows(model, test_set, rng, rows)
    x_error, y_error, codes = _errors(model, observations, targets)
    invariant = codes[:, model.blocks["invariant"]].double().cpu().numpy()
    return x_error, y_error, float(ksg_mutual_information(invariant, targets.double().cpu().numpy(), neighbours, 2.0, rng))


def _rows(model: TargetModel, test_set: FactoredDataset, rng: np.random.Generator, rows: int) -> tuple[Tensor, Tensor]:
    """Observations and targets of the first rows, on the model's device."""
    device = next(model.parameters()).device
    indices = np.arange(min(rows, len(test_set.factors)) or len(test_set.factors))
    observations = test_set.observations(indices, rng).to(device)
    return observations, torch.from_numpy(test_set.factors[indices][:, : model.targets]).to(device, observations.dtype)


@torch.inference_mode()
def _errors(model: TargetModel, observations: Tensor, targets: Tensor) -> tuple[float, float | None, Tensor]:
    """x_mae, y_mae (None without a predictor) and the means of the codes."""
    codes = model.encode(observations).mean
    x_error = (model.decode(codes, targets) - observations).abs().sum(1).double().mean()
    prediction = model.predict(codes)
    y_error = None if prediction is None else float((prediction - targets).abs().sum(1).double().mean())
    return float(x_error), y_error, codes

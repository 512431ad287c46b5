"""How a model of images with a target reconstructs, predicts and holds: x_mae, y_mae, symmetry_error, symmetry_motion.

The image's version of `target_scores` and `learned_symmetry` (after Wieser et al. 2020, arXiv 2002.02782), on posterior means of images
drawn from the experiment's source. x_mae is the absolute error of the expected image, summed over pixels and channels; y_mae that of the
predicted numbers (`target_numbers`: standard deviations of a factor whose values are equally frequent), by factor and summed over all.
symmetry_error and symmetry_motion put Z0 of another image beside Z1, decode, and encode again: how far the predicted numbers move,
which should not, and how far the pixels do, which should. What Z0 knows of each factor is scored on the saved codes: a `Score` of `ksg` or
`omes` with the block `invariant`.
"""

from __future__ import annotations

import numpy as np
import torch

from datasets.batches import BatchSource
from metrics.of_models.learned_symmetry import moved_along
from metrics.scores import Refusal, Row, Scores
from models.model import Model
from models.symmetry.image_stib import ImageSTIB

BATCH = 256


@torch.inference_mode()
def image_targets(model: Model, source: BatchSource, rng: np.random.Generator, *, images: int = 2048) -> Scores:
    """The rows on at least `images` images, in batches of 256; y_mae also by factor. A model that is no ImageSTIB is refused."""
    if not isinstance(model, ImageSTIB):
        return Scores(refusals=[Refusal("x_mae", None, f"{type(model).__name__} has no target")])
    device = next(model.parameters()).device
    model.eval()
    parts: dict[str, list[torch.Tensor]] = {"x": [], "y": [], "change": [], "motion": []}
    for _ in range(-(-images // BATCH)):
        batch = source.draw(BATCH, rng).to(device)
        assert batch.targets is not None
        observations, targets = batch.observations.flatten(0, 1), model.numbers(batch.targets.flatten(0, 1))
        codes = model.encode(observations).mean
        others = codes[torch.from_numpy(rng.permutation(len(codes))).to(device), model.blocks["invariant"]]
        moved, change = moved_along(model, codes, others)
        parts["x"].append((model.decode(codes) - observations).abs().flatten(1).sum(1))
        parts["y"].append((model.predict(codes) - targets).abs())
        parts["change"].append(change.abs().sum(1))
        parts["motion"].append((moved - observations).abs().flatten(1).sum(1))
    mean = {name: torch.cat(some).double().mean(0) for name, some in parts.items()}
    setting = {"rows": -(-images // BATCH) * BATCH}
    by_factor = [Row("y_mae", setting, name, float(mean["y"][columns].sum())) for name, columns in model.numbers.columns.items()]
    return Scores(
        [
            Row("x_mae", setting, None, float(mean["x"])),
            Row("y_mae", setting, None, float(mean["y"].sum())),
            *by_factor,
            Row("symmetry_error", setting, None, float(mean["change"])),
            Row("symmetry_motion", setting, None, float(mean["motion"])),
        ]
    )

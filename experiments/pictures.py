"""The pictures of a stage that need the model: reconstructions, random samples, traversals of the code."""

from __future__ import annotations

import numpy as np
import torch

from datasets.batches import Observed
from experiments.action_pictures import draw_actions
from experiments.experiment import Experiment
from experiments.symmetry_pictures import draw_swaps, draw_symmetry
from foundation.randomness import stream
from models.model import Model, Representer
from models.symmetry.target_model import TargetModel
from results.pictures import dimension_label, random_samples, reconstructions, traversal
from results.run_folder import RECONSTRUCTIONS, SAMPLES, TRAVERSAL, TRAVERSAL_ANIMATION, RunFolder, StageFolder
from results.stage_charts import draw_charts
from training.noise import noise

SHOWN, STEPS = 16, 9


def draw(folder: StageFolder, run: RunFolder, experiment: Experiment, model: Model, device: torch.device) -> None:
    """Draws all figures of a stage: charts always, pictures where the observations are images and the model decodes."""
    draw_charts(folder)
    draw_actions(folder, run, experiment, model, device)
    if isinstance(model, TargetModel):
        draw_symmetry(folder, experiment, model, device)
    source = experiment.source
    if not isinstance(model, Representer) or not isinstance(source, Observed) or len(source.spec.observation_shape) != 3:
        return
    dataset = source.dataset
    rng = stream(run.seed, "pictures")
    images = dataset.observations(rng.integers(0, len(dataset.factors), 1024), rng)
    model.eval()
    if {"invariant", "target"} <= set(model.blocks):
        draw_swaps(folder, images, model, device)
    with torch.inference_mode(), noise(run.seed, "pictures", device=device):
        posterior = model.encode(images.to(device))
        reconstructions(images[:SHOWN].numpy(), _decoded(model, posterior.mean[:SHOWN]), folder.figure(RECONSTRUCTIONS))
        if posterior.log_variance is not None:
            prior = torch.randn(2 * SHOWN, posterior.mean.shape[1], device=device)
            random_samples(_decoded(model, prior), folder.figure(SAMPLES))
        divergence = posterior.kl().mean(0).cpu()
        # What the data really reaches: a traversal beyond it shows what the decoder was never asked for.
        low, high = torch.quantile(posterior.mean, torch.tensor([0.01, 0.99], device=device), dim=0).cpu()
        values = torch.stack([torch.linspace(float(a), float(b), STEPS) for a, b in zip(low, high, strict=True)])
        frames = _sweep(model, posterior.mean[:1], values.to(device))
    order = np.argsort(-divergence.numpy(), kind="stable") if posterior.log_variance is not None else np.arange(len(divergence))
    factors = _factor_of_dimension(folder)
    labels = [
        dimension_label(int(d), float(divergence[d]) if posterior.log_variance is not None else None, factors.get(int(d))) for d in order
    ]
    traversal(frames[order], labels, values.numpy()[order], folder.figure(TRAVERSAL), folder.figure(TRAVERSAL_ANIMATION))


def _decoded(model: Representer, codes: torch.Tensor) -> np.ndarray:
    return model.decode(codes).float().cpu().numpy()


def _sweep(model: Representer, anchor: torch.Tensor, values: torch.Tensor) -> np.ndarray:
    """Images [D, S, C, H, W]: the anchor code [1, D] with each dimension in turn at its values [D, S]."""
    dimensions, steps = values.shape
    codes = anchor.repeat(dimensions * steps, 1)
    columns = torch.arange(dimensions, device=values.device).repeat_interleave(steps)
    codes[torch.arange(len(codes), device=values.device), columns] = values.flatten()
    return _decoded(model, codes).reshape(dimensions, steps, *model.decode(anchor).shape[1:])


def _factor_of_dimension(folder: StageFolder) -> dict[int, str]:
    """Which factors each dimension encodes best, by OMES on the first of its samples, where it was computed."""
    of_whole = [row for row in folder.read_rows() if row.metric == "omes_dimension" and "block" not in row.setting]
    rows = [row for row in of_whole if row.factor is not None and row.value == row.value]
    named: dict[int, str] = {}
    for row in rows:
        if row.setting == rows[0].setting:
            named[int(row.value)] = ", ".join(filter(None, (named.get(int(row.value)), row.factor)))
    return named

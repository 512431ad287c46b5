"""The pictures of models whose code is split: of X and Y, two numbers each, its latent space, X and Y beside what it makes of them, and a
learned symmetry; of images, what Z0 of one and Z1 of another make together."""

from __future__ import annotations

import numpy as np
import torch

from experiments.experiment import Experiment
from foundation.randomness import stream
from metrics.of_models.learned_symmetry import moved_along
from models.model import Representer
from models.symmetry.target_model import TargetModel
from representation import SAMPLE_SEED
from results.pictures import swaps
from results.run_folder import LATENT_SPACE, PREDICTION, RECONSTRUCTION, SWAPS, SYMMETRY, StageFolder
from results.symmetry_charts import Orbits, beside, latent_space, symmetry

ANCHORS, STEPS = 9, 25
SWAPPED = 7


@torch.inference_mode()
def draw_symmetry(folder: StageFolder, experiment: Experiment, model: TargetModel, device: torch.device) -> None:
    """Draws them on the first sample of the experiment, whose first factors are Y and whose last orders the colours."""
    if model.inputs != 2 or model.targets != 2:
        return
    name, sample = next(iter(experiment.samples.items()))
    drawn = sample.draw(experiment.source, stream(SAMPLE_SEED, "sample", name))
    observations = torch.cat(list(drawn.batches(name))).to(device)
    targets, order = drawn.factors[:, : model.targets], drawn.factors[:, -1]
    codes = model.encode(observations).mean
    x, reconstruction = observations.cpu().numpy(), model.decode(codes, torch.from_numpy(targets).to(codes)).cpu().numpy()
    prediction = model.predict(codes)

    across = _widest(codes[:, model.blocks["invariant"]]) + model.blocks["invariant"].start
    target = model.blocks.get("target")
    shown = (across, target.start) if target else (0, 1)
    labels = (f"Z0, dimension {shown[0]}", f"Z1, dimension {shown[1]}") if target else ("dimension 0", "dimension 1")
    latent_space(codes[:, shown].cpu().numpy(), labels, order, folder.figure(LATENT_SPACE), 0 if target else None)
    beside(x, reconstruction, ("X", "reconstruction"), order, _mae(x, reconstruction), folder.figure(RECONSTRUCTION))
    if prediction is None:
        return
    y = prediction.cpu().numpy()
    beside(targets, y, ("Y", "prediction"), order, _mae(targets, y), folder.figure(PREDICTION))
    if target:
        symmetry(_orbits(model, codes, observations, order), x, targets, folder.figure(SYMMETRY))


@torch.inference_mode()
def draw_swaps(folder: StageFolder, images: torch.Tensor, model: Representer, device: torch.device) -> None:
    """Z0 of each of the first images [N, C, H, W] with Z1 of each of the next ones, decoded: lines hold Z0, columns hold Z1."""
    shown = images[: 2 * SWAPPED]
    codes = model.encode(shown.to(device)).mean
    rows, columns = codes.chunk(2)
    mixed = rows[:, None].repeat(1, len(columns), 1)
    mixed[:, :, model.blocks["target"]] = columns[:, model.blocks["target"]]
    made = model.decode(mixed.flatten(0, 1)).float().cpu().numpy().reshape(len(rows), len(columns), *shown.shape[1:])
    left, above = (half.numpy() for half in shown.chunk(2))
    swaps(left, above, made, ("Z0", "Z1"), folder.figure(SWAPS))


def _orbits(model: TargetModel, codes: torch.Tensor, observations: torch.Tensor, order: np.ndarray) -> Orbits:
    """Anchors spread over `order`; each takes the Z0 of rows from one end of its main direction to the other, among rows of like Z1."""
    places = np.argsort(order, kind="stable")[(np.linspace(0.04, 0.96, ANCHORS) * (len(order) - 1)).astype(int)]
    z0, z1 = codes[:, model.blocks["invariant"]], codes[:, model.blocks["target"]]
    axis = z0[:, _widest(z0)]
    xs, ys, changes, motions = [], [], [], []
    for place in places:
        like = (z1 - z1[place]).norm(dim=1).argsort()[: len(codes) // 20]
        line = like[axis[like].argsort()][torch.linspace(0, len(like) - 1, STEPS).long()]
        anchor = codes[place].expand(STEPS, -1)
        moved, change = moved_along(model, anchor, z0[line])
        held = model.predict(anchor)
        assert held is not None
        xs.append(moved)
        ys.append(held + change)
        changes.append(change.abs().sum(1))
        motions.append((moved - observations[place]).abs().sum(1))
    error, motion = (float(torch.cat(some).mean()) for some in (changes, motions))
    return Orbits(torch.stack(xs).cpu().numpy(), torch.stack(ys).cpu().numpy(), order[places], error, motion)


def _widest(codes: torch.Tensor) -> int:
    return int(codes.std(0).argmax())


def _mae(true: np.ndarray, made: np.ndarray) -> float:
    return float(np.abs(true - made).sum(1).mean())

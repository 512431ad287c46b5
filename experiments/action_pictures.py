"""The pictures of a stage whose model has actions of its own: actions repeated, orbits of a code, angles over training."""

from __future__ import annotations

import numpy as np
import torch

from datasets.batches import Observed
from experiments.experiment import Experiment
from foundation.randomness import stream
from models.groups.acting import Acting
from models.model import Model, Representer
from results.group_pictures import angle_trajectories, orbits, repeated_actions
from results.run_folder import ACTIONS, ACTIONS_ANIMATION, ANGLES, ORBITS, RunFolder, StageFolder
from results.stage_charts import read_terms

APPLICATIONS, CLOUD = 15, 2000


def draw_actions(folder: StageFolder, run: RunFolder, experiment: Experiment, model: Model, device: torch.device) -> None:
    """Draws nothing for models without actions, and no images where observations are none."""
    source = experiment.source
    if not isinstance(model, Acting) or not isinstance(model, Representer) or not isinstance(source, Observed):
        return
    true = [angle for angle in source.spec.actions.angles if angle is not None]
    angle_trajectories(read_terms(folder), model.action_names, true, folder.figure(ANGLES))
    dataset, rng = source.dataset, stream(run.seed, "action pictures")
    rows = rng.integers(0, len(dataset.factors), CLOUD)
    model.eval()
    with torch.inference_mode():
        codes = torch.cat([model.encode(dataset.observations(part, rng).to(device)).mean for part in np.array_split(rows, 8)])
        orbit = repeated(model, codes[:1])
        orbits(codes.cpu().numpy(), orbit.cpu().numpy(), model.action_names, folder.figure(ORBITS))
        if len(source.spec.observation_shape) == 3:
            frames = model.decode(orbit.flatten(0, 1)).float().cpu().numpy().reshape(*orbit.shape[:2], *source.spec.observation_shape)
            repeated_actions(frames, model.action_names, folder.figure(ACTIONS), folder.figure(ACTIONS_ANIMATION))


def repeated(model: Acting, code: torch.Tensor) -> torch.Tensor:
    """The code [1, D] before and after 1 to 15 applications of each action, [A, 16, D]."""
    steps = [code.expand(len(model.action_names), -1)]
    for _ in range(APPLICATIONS):
        each = torch.arange(len(steps[0]), device=code.device)
        steps.append(model.acted(steps[-1])[each, each])
    return torch.stack(steps, 1)

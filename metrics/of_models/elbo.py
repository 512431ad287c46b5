"""Evidence lower bound, reconstruction and divergence of a model on its data, in nats per observation (Kingma and Welling 2014).

Range: unbounded; comparable between models of one likelihood only, and between data sets not at all. It tells how well a model
explains images, and nothing of how its code is laid out.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch

from datasets.batches import BatchSource
from metrics.scores import Refusal, Row, Scores
from models.autoencoder import Autoencoder
from models.groups.group_vae import GroupVAE
from models.model import Model
from training.noise import noise


class ModelScore(Protocol):
    """A score that needs the model itself: a second protocol beside Metric, which sees codes and factors only."""

    def __call__(self, model: Model, source: BatchSource, rng: np.random.Generator) -> Scores: ...


@torch.inference_mode()
def elbo(model: Model, source: BatchSource, rng: np.random.Generator, *, observations: int = 2048, batch_size: int = 128) -> Scores:
    """Means over `observations` draws of the source, one posterior draw each: rows `elbo`, `reconstruction` and `kl` (at beta = 1)."""
    if isinstance(model, GroupVAE):
        model = model.backbone
    if not isinstance(model, Autoencoder):
        return Scores(refusals=[Refusal("elbo", None, f"{type(model).__name__} has no encoder and decoder in one")])
    model.eval()
    device = next(model.parameters()).device
    reconstruction = divergence = count = 0.0
    with noise(int(rng.integers(2**31)), "elbo", device=device):
        while count < observations:
            draws = -(-min(batch_size, observations - int(count)) // source.spec.views)
            images = source.draw(draws, rng).observations.flatten(0, 1).to(device)
            posterior = model.encode(images)
            reconstruction += float(model.reconstruction(posterior.sample(), images).double().sum())
            divergence += float(posterior.kl().double().sum())
            count += len(images)
    values = {"elbo": -(reconstruction + divergence) / count, "reconstruction": reconstruction / count, "kl": divergence / count}
    setting = {"observations": int(count)}
    return Scores(rows=[Row(name, setting, None, value) for name, value in values.items()])

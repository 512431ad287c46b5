"""Linear maps of a code, fitted after the fact: one for each action of the data, from pairs of codes one action apart.

`least_squares`: the matrix with the smallest squared error, in closed form. `released`: as the released code of Painter et al. (2020,
arXiv 2008.07922) fits: W = P N P^-1 with P from the identity, and N the identity but for a free block in its first two dimensions, all
ones at the start; mean squared error, Adam at 0.1, a tenth of it every 5 of 30 epochs, batches of 1024, every pair twice in an epoch.
"""

from __future__ import annotations

import numpy as np
import torch

from foundation.errors import UserError
from metrics.of_models.action_pairs import ActionPairs

FITS = ("least_squares", "released")
EPOCHS, DROP_EVERY, BATCH, RATE = 30, 5, 1024, 0.1


def fitted_maps(pairs: ActionPairs, fit: str, rng: np.random.Generator, centred: bool) -> tuple[np.ndarray, np.ndarray]:
    """Maps [A, D, D] of codes from which a centre [D] is taken off, and that centre.

    `centred` (least squares only) turns about the mean code, else, as published, about the origin.
    """
    if fit not in FITS:
        raise UserError(f"maps of actions are fitted by {' or '.join(FITS)}, not {fit!r}")
    nowhere = np.zeros(pairs.before.shape[1])
    if fit == "released":
        return released_maps(pairs, rng)[0], nowhere
    centre = pairs.before.mean(0) if centred else nowhere
    maps = []
    for action in range(len(pairs.space)):
        before, after = pairs.of(action)
        maps.append(np.linalg.lstsq(before - centre, after - centre, rcond=None)[0].T)
    return np.stack(maps), centre


def released_maps(pairs: ActionPairs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """W [A, D, D] and the free blocks of N [A, 2, 2], by the released protocol; the order of the pairs is drawn from `rng`."""
    count, dimensions = len(pairs.space), pairs.before.shape[1]
    before, after = (torch.from_numpy(codes).float() for codes in (pairs.before, pairs.after))
    actions = torch.from_numpy(pairs.actions)
    basis = torch.eye(dimensions).repeat(count, 1, 1).requires_grad_()
    blocks = torch.ones(count, 2, 2, requires_grad=True)
    optimiser = torch.optim.Adam([basis, blocks], lr=RATE)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, DROP_EVERY, 0.1)
    for _ in range(EPOCHS):
        order = torch.from_numpy(np.concatenate([rng.permutation(len(before)) for _ in range(2)]))
        for rows in torch.split(order, BATCH):
            maps = _assembled(basis, blocks)[actions[rows]]
            loss = ((maps * before[rows].unsqueeze(1)).sum(2) - after[rows]).square().mean()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        schedule.step()
    with torch.no_grad():
        return _assembled(basis, blocks).double().numpy(), blocks.double().numpy()


def _assembled(basis: torch.Tensor, blocks: torch.Tensor) -> torch.Tensor:
    """P N P^-1."""
    inner = torch.eye(basis.shape[1]).repeat(len(basis), 1, 1)
    inner[:, :2, :2] = blocks
    return torch.linalg.solve(basis, basis @ inner, left=False)

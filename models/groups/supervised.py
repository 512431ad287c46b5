"""Supervised group VAE (`dforward`): every action of the data is an element of a group, of any structure. Painter et al. (2020).

objective = the backbone's on x1 + gamma * |M_aK ... M_a1 z1 - mean(x2)|^2 + the elements' penalty, over the actions a1 .. aK that lie
between the two pictures; in place of the squared error there may be a relative one (see `prediction`). It generalises ForwardVAE
(Caselles-Dupre et al. 2019, arXiv 1904.00243), whose maps are free.

Differs from the released code: actions find their elements by what they do (see `action_map`), not by their numbers; all K actions of a
walk are applied, there the first of them K times; the penalty of the elements counts.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from datasets.batches import Batch, BatchSpec
from models.groups.action_map import elements_of
from models.groups.elements import GroupElements, moved
from models.groups.group_vae import GroupVAE
from models.groups.prediction import PUBLISHED, Prediction
from models.model import Losses
from models.vae import VAE


class SupervisedGroupVAE(GroupVAE):
    """Needs pairs that reveal their actions."""

    knows_actions = True

    def __init__(
        self,
        spec: BatchSpec,
        *,
        backbone: Callable[[BatchSpec], VAE],
        elements: Callable[[int], GroupElements],
        prediction: Prediction = PUBLISHED,
    ) -> None:
        super().__init__(spec, backbone=backbone, elements=elements, prediction=prediction)
        self.actions = spec.actions
        self.element_of = elements_of(spec.actions, self.elements.structure)

    @property
    def action_names(self) -> tuple[str, ...]:
        return self.actions.names

    def action_matrices(self) -> Tensor:
        """The matrix of each action of the data, [A, D, D]."""
        forward = self.elements.matrices()
        undone = self.elements.matrices(-1) if any(power < 0 for _, power in self.element_of) else forward
        return torch.stack([(undone if power < 0 else forward)[element] for element, power in self.element_of])

    def action_angles(self) -> Tensor:
        angles = self.elements.angles()
        return torch.stack([angles[element] * power for element, power in self.element_of])

    def acted(self, codes: Tensor) -> Tensor:
        return moved(self.action_matrices(), codes)

    def losses(self, batch: Batch, step: int, player: str) -> Losses:
        if player != "model":
            return self.backbone.losses(batch, step, player)
        assert batch.actions is not None
        pair = self.pair(batch, step)
        matrices, codes = self.action_matrices(), pair.source
        for actions in batch.actions.T:
            codes = (matrices[actions] * codes.unsqueeze(1)).sum(2)
        missed = (codes - pair.target).square()
        acting = self.elements.acting[[element for element, _ in self.element_of]]
        cost, terms = self.weighed(pair, missed, acting[batch.actions].amax(1), acting.amax(0) == 0)
        return self.whole(pair, missed.sum(1).mean(), cost, terms)

"""How actions that nobody tells are found before they are learned: slow codes, a mixture of free linear maps, then group elements.

While elements are wrong, the best of them is the one that does least; policies go there, and nothing moves any more. Responsibilities
alone break that tie, but share pairs out by where they are, not by what was done: those that lead over the edge of a code that is not yet
closed to one action, the rest to another. So three stages come before the model is left to itself:

1. to step `begin`, instead of any prediction, codes are slow: + slowness / D * tr(C^-1 E[(m2 - m1) (m2 - m1)^T]), for the means m of pairs
   and their covariance C, so that no dimension gains by shrinking. Slow codes are the smoothest functions of the graph of transitions
   (Wiskott and Sejnowski 2002, slow feature analysis; Belkin and Niyogi 2003, Laplacian eigenmaps): of a torus its circles, on which
   every action is linear, in whatever planes they lie.
2. at step `begin` a mixture of linear maps, free of any basis, is fitted from many starts to recent codes, whitened (`linear_mixture`).
   It tells the actions apart; maps that undo each other are coupled, and each couple gets the pair of dimensions that its plane is
   nearest to.
3. to step `end` the mixture, which follows the codes, says who answers for a pair. Elements are held at the angles of their maps, and
   the code turns until its planes are theirs; the policy learns to say the same.

Not in the published model. The starts are drawn from torch's default generator.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from foundation.errors import UserError
from models.groups.elements import GroupElements
from models.groups.linear_mixture import discovered, fitted
from models.groups.planes import placed
from models.groups.structure import Structure

FOLLOWING_ROUNDS = 2
RIDGE = 1e-3
TINY = 1e-12


class Discovery(nn.Module):
    """For `structure` with c+ and c- on every pair of dimensions. Raises UserError for others, and for more actions than elements.

    `actions`: how many are looked for, an even number (0: two for each pair of dimensions). `rows`: codes that the mixture is
    fitted to, those of the latest batches; `starts` and `rounds`: of the mixture.
    """

    def __init__(
        self,
        structure: Structure,
        *,
        begin: int = 600,
        end: int = 1000,
        slowness: float = 150.0,
        actions: int = 0,
        rows: int = 1024,
        starts: int = 64,
        rounds: int = 40,
    ) -> None:
        super().__init__()
        pairs = structure.dimensions // 2
        if not 1 <= begin < end:
            raise UserError(f"discovery begins before it ends, and not at once: not from step {begin} to step {end}")
        if actions % 2 or not 0 <= actions <= 2 * pairs:
            raise UserError(f"discovery looks for an even number of actions, at most {2 * pairs} (two for each pair), not {actions}")
        self.begin, self.end, self.slowness, self.starts, self.rounds = begin, end, slowness, starts, rounds
        self.forward_elements, self.backward_elements = (_elements(structure, label) for label in ("c+", "c-"))
        self.elements = len(structure)
        self.actions = actions or 2 * pairs
        self.register_buffer("recent", torch.zeros(2, rows, structure.dimensions))
        self.register_buffer("maps", torch.eye(structure.dimensions).repeat(self.actions, 1, 1))
        self.register_buffer("places", torch.arange(self.actions))
        self._held = rows
        self.recent: Tensor
        self.maps: Tensor
        self.places: Tensor

    def slow(self, before: Tensor, after: Tensor) -> Tensor:
        """What stands for a prediction before step `begin`, a scalar of means [B, D] twice: the same in every basis and scale."""
        with torch.autocast(before.device.type, enabled=False):
            codes, moves = torch.cat([before, after]).float(), (after - before).float()
            codes = codes - codes.mean(0)
            spread = _ridged(codes.mT @ codes / len(codes))
            return self.slowness * torch.linalg.solve(spread, moves.mT @ moves / len(moves)).trace() / len(spread)

    @torch.no_grad()
    def remember(self, before: Tensor, after: Tensor, step: int) -> None:
        """Keeps the means of a batch, [B, D] twice, in place of the oldest."""
        rows = self.recent.shape[1]
        before, after = before[-rows:], after[-rows:]
        self._held = min(rows, (step + 1) * len(before))
        places = (step * len(before) + torch.arange(len(before), device=before.device)) % rows
        self.recent[:, places] = torch.stack([before, after]).to(self.recent)

    @torch.no_grad()
    def find(self, elements: GroupElements) -> None:
        """Fits the mixture, gives each map an element, and sets the angles of these."""
        with torch.autocast(self.recent.device.type, enabled=False):
            before, after = self._recent() @ self._whitening()
            self.maps.copy_(discovered(self.actions, before, after, starts=self.starts, rounds=self.rounds).maps)
        for one in placed(self.maps.double().cpu().numpy()):
            forward, backward = self.forward_elements[one.pair], self.backward_elements[one.pair]
            self.places[one.forward], self.places[one.backward] = forward, backward
            elements.set_angle(forward, one.angle)
            elements.set_angle(backward, -one.angle)

    @torch.no_grad()
    def weights(self, before: Tensor, after: Tensor) -> Tensor:
        """Who answers for pairs of means, [B, D] twice -> [B, A]; in training after the mixture has followed the codes."""
        with torch.autocast(self.recent.device.type, enabled=False):
            whitening = self._whitening()
            first, second = self._recent() @ whitening
            mixture = fitted(self.maps, first, second, FOLLOWING_ROUNDS)
            found = mixture.responsibilities(before.float() @ whitening, after.float() @ whitening)
        if self.training:
            self.maps.copy_(mixture.maps)
        return found.new_zeros(len(before), self.elements).index_copy(1, self.places, found)

    def _recent(self) -> Tensor:
        """Means of the latest pairs [2, N, D], as many as have been seen."""
        return self.recent[:, : self._held]

    def _whitening(self) -> Tensor:
        """M^-1/2 for the second moments M of recent codes, [D, D], symmetric: it leaves axes where they are."""
        codes = self._recent().flatten(0, 1)
        values, vectors = torch.linalg.eigh(_ridged(codes.mT @ codes / len(codes)))
        return (vectors * values.rsqrt()) @ vectors.mT


def _ridged(moments: Tensor) -> Tensor:
    """Second moments [D, D] that can be inverted, however little a dimension varies."""
    return moments + (RIDGE * moments.trace() / len(moments)).clamp_min(TINY) * torch.eye(len(moments), device=moments.device)


def _elements(structure: Structure, label: str) -> list[int]:
    """The element of that label on each pair of dimensions."""
    found = structure.places((label,))
    if [structure.pairs[k] for k in found] != list(range(structure.dimensions // 2)):
        raise UserError("discovery couples c+ with c-: give the structure both, once, or leave discovery = None")
    return found

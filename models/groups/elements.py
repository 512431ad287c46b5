"""Elements of a group as matrices on the latent dimensions. Painter et al. (2020, arXiv 2008.07922), released code.

    c          a rotation of either sense            c+, c-     rotations that start to the left, to the right
    cn         as c+                                 CN         as cn, in a basis of its own whatever the others have
    0          nothing is moved                      ddn        the two dimensions change places
    m, m3, m4  any matrix of 2, 3, 4 dimensions

Differs from the released code, unless `released`: matrices start near the identity (there: all ones, which is singular), c to either
side (there: at 0); no angle is drawn to 0 in a basis of its own; every determinant is held near 1, not of m alone. Powers are powers of
matrices (there: of their entries); labels mix freely, and ddn works.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from foundation.errors import UserError
from models.groups.angles import Angles
from models.groups.change_of_basis import BASES, ChangeOfBasis
from models.groups.eigenvalue_angles import turning_angles
from models.groups.structure import KEPT, SENSES, SIZES, Structure

LONGEST_ORDER = 1000.0


class GroupElements(nn.Module):
    """A matrices [D, D]; what stands where is their Structure.

    `change_of_basis`: for every element ("none", "free", "orthogonal"). `start_angles`: where |angle| is drawn at the start, radians.
    `keep_signs` keeps angles of c+ positive and those of c- negative; no |angle| of a rotation falls below `smallest_angle`, and with
    `keep_signs` none rises above `largest_angle`. `noise`: of matrices about the identity at the start. `penalty_weight` weighs
    determinants and columns of bases. `acting` [A, D] tells which element acts on which dimension, 1 or 0.
    """

    def __init__(
        self,
        dimensions: int,
        *,
        structure: Sequence[str] = ("c+", "c-"),
        change_of_basis: str = "none",
        start_angles: tuple[float, float] = (0.0, 1.0),
        keep_signs: bool = False,
        smallest_angle: float = 0.0,
        largest_angle: float = math.inf,
        noise: float = 0.1,
        penalty_weight: float = 1.0,
        released: bool = False,
    ) -> None:
        super().__init__()
        if change_of_basis not in ("none", *BASES):
            raise UserError(f"change_of_basis is none, {' or '.join(BASES)}, not {change_of_basis!r}")
        self.structure = Structure(dimensions, structure, released=released)
        self.noise, self.penalty_weight, self.released = noise, penalty_weight, released
        labels = self.structure.labels
        turning = [label for label in labels if label in SENSES]
        self.angle = Angles(
            [SENSES[label] for label in turning],
            [KEPT.get(label, 0) if keep_signs else 0 for label in turning],
            start=start_angles,
            at_zero=[released and label == "c" for label in turning],
            smallest=smallest_angle,
            largest=largest_angle,
        )
        self.blocks = nn.ParameterDict({label: self._start(label) for label in SIZES if label in structure})
        based = [k for k, label in enumerate(labels) if label == "CN" or (label != "0" and change_of_basis in BASES)]
        self.basis = ChangeOfBasis(len(based), dimensions, orthogonal=change_of_basis == "orthogonal") if based else None
        self._keep("fixed", self._fixed())
        self._keep("turning", torch.tensor(self.structure.places(SENSES)))
        self._keep("based", torch.tensor(based))
        self._keep("acting", self._acting(based))
        self.acting: Tensor
        for label in ("turning", *self.blocks):
            self._keep(f"entries_{label}", self._entries(SENSES if label == "turning" else (label,)))

    def __len__(self) -> int:
        return len(self.structure)

    @property
    def names(self) -> tuple[str, ...]:
        """Label and pair of each element: `c+ 0`."""
        return tuple(f"{label} {pair}" for label, pair in zip(self.structure.labels, self.structure.pairs, strict=True))

    def matrices(self, exponent: float = 1) -> Tensor:
        """All elements to the power `exponent`, [A, D, D] float32. Raises UserError for a fraction of a matrix that is no rotation."""
        fixed = self.get_buffer("fixed")
        with torch.autocast(fixed.device.type, enabled=False):
            angles = self.angle() * exponent
            rotations = torch.stack([angles.cos(), -angles.sin(), angles.sin(), angles.cos()], 1).view(-1, 2, 2)
            stack = fixed.index_put(tuple(self.get_buffer("entries_turning")), rotations)
            for label, blocks in self.blocks.items():
                stack = stack.index_put(tuple(self.get_buffer(f"entries_{label}")), _power(blocks.float(), exponent))
            if exponent != 1 and "ddn" in self.structure.labels:
                swaps = self.structure.places(("ddn",))
                stack = torch.stack([_power(one, exponent) if k in swaps else one for k, one in enumerate(stack)])
            based = self.get_buffer("based")
            return stack if self.basis is None else stack.index_copy(0, based, self.basis(stack[based]))

    @torch.no_grad()
    def angles(self) -> Tensor:
        """Angles [A] in radians: those of rotations as they are, elsewhere that of the turning pair of eigenvalues."""
        turning = self.get_buffer("turning")
        found = self.get_buffer("fixed").new_zeros(len(self)) if self._only_rotations() else turning_angles(self.matrices())
        return found.index_copy(0, turning, self.angle())

    def orders(self) -> Tensor:
        """How many applications make a turn, 2 pi / |angle|, [A]; at most 1000."""
        return 2 * math.pi / self.angles().abs().clamp_min(2 * math.pi / LONGEST_ORDER)

    @torch.no_grad()
    def determinants(self) -> Tensor:
        """[A]; of rotations 1."""
        return torch.linalg.det(self.matrices())

    def penalty(self) -> Tensor:
        """What is added to an objective, a scalar: |det - 1| of matrices, and how far the columns of bases are from unit length."""
        total = self.get_buffer("fixed").new_zeros(())
        for label, blocks in self.blocks.items():
            if label == "m" or not self.released:
                total = total + (torch.linalg.det(blocks.float()) - 1).abs().sum()
        if self.basis is not None:
            total = total + self.basis.penalty() + (0.1 * self.angle().abs().sum() if self.released else 0.0)
        return self.penalty_weight * total

    def terms(self) -> Mapping[str, Tensor]:
        """What is reported: `angle_k`, `order_k` and, of matrices, `determinant_k` of element k; `condition`, of the worst basis."""
        angles, orders = self.angles(), self.orders()
        learned = [k for k, label in enumerate(self.structure.labels) if label in SENSES or label in SIZES]
        found = {f"angle_{k}": angles[k] for k in learned} | {f"order_{k}": orders[k] for k in learned}
        if self.blocks:
            determinants = self.determinants()
            found |= {f"determinant_{k}": determinants[k] for k in self.structure.places(SIZES)}
        return found if self.basis is None else {**found, "condition": self.basis.condition()}

    @torch.no_grad()
    def set_angle(self, element: int, angle: float) -> None:
        """Sets the angle of a rotation, in radians, as near as its bounds let it be."""
        self.angle.set_angle(int((self.get_buffer("turning") == element).nonzero()), angle)

    @torch.no_grad()
    def restart(self, chosen: Tensor) -> None:
        """Draws the elements where `chosen` [A] is True anew, from torch's default generator."""
        self.angle.restart(chosen[self.get_buffer("turning")])
        for label, blocks in self.blocks.items():
            own = chosen[self.structure.places((label,))]
            blocks.copy_(torch.where(own[:, None, None], self._start(label).to(blocks), blocks))
        if self.basis is not None:
            self.basis.restart(chosen[self.get_buffer("based")])

    def _start(self, label: str) -> Tensor:
        count, size = len(self.structure.places((label,))), SIZES[label]
        if self.released:
            return torch.ones(count, size, size)
        return torch.eye(size) + self.noise * torch.randn(count, size, size)

    def _fixed(self) -> Tensor:
        """Identities, and in their places the swaps."""
        stack = torch.eye(self.structure.dimensions).repeat(len(self), 1, 1)
        for k in self.structure.places(("ddn",)):
            first = self.structure.corner(k)
            stack[k, first : first + 2, first : first + 2] = torch.eye(2).flip(0)
        return stack

    def _acting(self, based: Sequence[int]) -> Tensor:
        """An element in a basis of its own may act on every dimension."""
        acting = torch.zeros(len(self), self.structure.dimensions)
        for k in range(len(self)):
            acting[k, slice(None) if k in based else self.structure.dimensions_of(k)] = 1
        return acting

    def _entries(self, labels: Sequence[str] | Mapping[str, int]) -> Tensor:
        """Element, row and column of all entries of these elements' blocks, [3, n, S, S]."""
        elements = self.structure.places(labels)
        size = self.structure.size(elements[0]) if elements else 2
        corners = torch.tensor([self.structure.corner(k) for k in elements], dtype=torch.int64)[:, None] + torch.arange(size)
        shape = (len(elements), size, size)
        places = (torch.tensor(elements, dtype=torch.int64)[:, None, None], corners[:, :, None], corners[:, None, :])
        return torch.stack([place.expand(shape) for place in places])

    def _only_rotations(self) -> bool:
        return all(label in SENSES or label == "0" for label in self.structure.labels)

    def _keep(self, name: str, value: Tensor) -> None:
        """Keeps what follows from the structure on the model's device, out of checkpoints."""
        self.register_buffer(name, value if value.is_floating_point() and value.numel() else value.long(), persistent=False)


def moved(matrices: Tensor, codes: Tensor) -> Tensor:
    """What every matrix makes of every code, [A, D, D] and [B, D] -> [B, A, D]. No matrix product: autocast would round it."""
    return (matrices * codes[:, None, None]).sum(3)


def _power(matrices: Tensor, exponent: float) -> Tensor:
    if exponent == 1:
        return matrices
    if exponent != int(exponent):
        raise UserError(f"only rotations have a power {exponent:g}; the matrices of other labels have whole ones")
    return torch.linalg.matrix_power(matrices, int(exponent))

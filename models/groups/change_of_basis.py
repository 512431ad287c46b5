"""A basis of its own for each group element: P^-1 M P, with a free or an orthogonal P. Painter et al. (2020, arXiv 2008.07922).

Differs from the released code: P may be orthogonal, so that it cannot become singular; whether an element has a basis is decided by its
own label, there by the last element's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

BASES = ("free", "orthogonal")


class ChangeOfBasis(nn.Module):
    """`count` bases of D dimensions, identities at the start. An orthogonal one is the exponential of a skew matrix."""

    def __init__(self, count: int, dimensions: int, *, orthogonal: bool = False) -> None:
        super().__init__()
        self.orthogonal = orthogonal
        self.weight = nn.Parameter(self._start(count, dimensions))

    def _start(self, count: int, dimensions: int) -> Tensor:
        return torch.zeros(count, dimensions, dimensions) if self.orthogonal else torch.eye(dimensions).repeat(count, 1, 1)

    def matrices(self) -> Tensor:
        """P of every element, [count, D, D]."""
        return torch.linalg.matrix_exp(self.weight - self.weight.mT) if self.orthogonal else self.weight

    def forward(self, elements: Tensor) -> Tensor:
        """P^-1 M P of matrices M [count, D, D]."""
        basis = self.matrices()
        mapped = elements @ basis
        return basis.mT @ mapped if self.orthogonal else torch.linalg.solve(basis, mapped)

    def penalty(self) -> Tensor:
        """Sum over bases and columns of | length - 1 |, a scalar; 0 for orthogonal bases."""
        return (torch.linalg.vector_norm(self.matrices(), dim=1) - 1).abs().sum()

    def condition(self) -> Tensor:
        """The worst condition number, from 1 (orthogonal)."""
        values = torch.linalg.svdvals(self.matrices().detach())
        return (values[:, 0] / values[:, -1]).max()

    def restart(self, chosen: Tensor) -> None:
        """Sets the bases where `chosen` [count] is True back to the identity."""
        start = self._start(len(self.weight), self.weight.shape[1]).to(self.weight)
        self.weight.copy_(torch.where(chosen[:, None, None], start, self.weight))

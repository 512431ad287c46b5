"""By how much a matrix turns, whatever the basis: the argument of its turning pair of eigenvalues."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def turning_angles(matrices: Tensor) -> Tensor:
    """|angle| of the eigenvalue with the largest imaginary part, [..., D, D] -> [...], from 0 to pi.

    Where all are real: pi if one is below -0.5 (a half turn or a reflection), else 0.
    """
    values = torch.linalg.eigvals(matrices)
    best = values.imag.abs().max(-1)
    turning = torch.angle(values).abs().gather(-1, best.indices.unsqueeze(-1)).squeeze(-1)
    return torch.where(best.values > 1e-6, turning, math.pi * (values.real.amin(-1) < -0.5).to(turning))

"""Named factors as numbers to predict: each of mean 0 and variance 1 where all values are equally frequent.

Classes of an ordinal factor stand at equal distances on a line, those of a circular one on a circle (cosine and sine), those of a
categorical one are indicators. A continuous factor is taken as it is: nothing tells its range.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from datasets.factor_space import FactorSpace
from foundation.errors import UserError


class TargetNumbers(nn.Module):
    """Values [N, K] of the factors of `space` -> numbers [N, M]; `columns` names the numbers of each factor, a slice of M.

    `combinations` is how many different targets there are, infinity where a factor is continuous.
    Raises UserError for a factor of one value.
    """

    def __init__(self, space: FactorSpace) -> None:
        super().__init__()
        self.columns: dict[str, slice] = {}
        self.combinations = math.prod(
            math.inf if kind == "continuous" else size for size, kind in zip(space.sizes, space.kinds, strict=True)
        )
        self.tables: list[str | None] = []
        start = 0
        for place, (name, size, kind) in enumerate(zip(space.names, space.sizes, space.kinds, strict=True)):
            if size == 1:
                raise UserError(f"{name} takes one value, so that there is nothing to predict; choose targets that vary")
            table = None if kind == "continuous" else _table(size, kind)
            self.tables.append(None if table is None else f"table_{place}")
            if table is not None:
                self.register_buffer(f"table_{place}", table, persistent=False)
            width = 1 if table is None else table.shape[1]
            self.columns[name] = slice(start, start + width)
            start += width

    def __len__(self) -> int:
        return max(part.stop for part in self.columns.values())

    def forward(self, values: Tensor) -> Tensor:
        columns = values.unbind(1)
        parts = [
            column[:, None].float() if name is None else self.get_buffer(name)[column.long()]
            for name, column in zip(self.tables, columns, strict=True)
        ]
        return torch.cat(parts, dim=1)


def _table(size: int, kind: str) -> Tensor:
    """The numbers of each of `size` values, [size, 1], [size, 2] or [size, size]."""
    if kind == "categorical":
        return (torch.eye(size) - 1 / size) / math.sqrt((1 - 1 / size) / size)
    values = torch.arange(size, dtype=torch.float32)
    if kind == "circular" and size > 2:
        angles = 2 * math.pi * values / size
        return math.sqrt(2) * torch.stack([angles.cos(), angles.sin()], dim=1)
    return ((values - (size - 1) / 2) / math.sqrt((size**2 - 1) / 12))[:, None]

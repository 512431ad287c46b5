"""Names, sizes and kinds of the factors of variation. Torch-free: metrics and saved representations stand on it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.errors import UserError

KINDS = ("categorical", "ordinal", "circular", "continuous")


@dataclass(frozen=True)
class FactorSpace:
    """`names`, `sizes` and `kinds` of F factors.

    A size is the number of values of the factor, 0 where the kind is continuous. Kinds: categorical (no order), ordinal,
    circular (the last value is followed by the first), continuous.
    Raises UserError for unequal lengths, repeated names, unknown kinds, and sizes that do not fit the kind.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.sizes) == len(self.kinds):
            raise UserError(f"a factor space needs one size and one kind for each name: {self.names}, {self.sizes}, {self.kinds}")
        repeated = sorted({name for name in self.names if self.names.count(name) > 1})
        if repeated:
            raise UserError(f"factor names must differ, but {', '.join(repeated)} stands more than once")
        for name, size, kind in zip(self.names, self.sizes, self.kinds, strict=True):
            if kind not in KINDS:
                raise UserError(f"factor {name} is of kind {kind!r}; kinds are {', '.join(KINDS)}")
            if (size == 0) != (kind == "continuous") or size < 0:
                raise UserError(f"factor {name} ({kind}) cannot have {size} values")

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """Column of the factor called `name`."""
        if name not in self.names:
            raise UserError(f"there is no factor {name!r}; the factors are {', '.join(self.names)}")
        return self.names.index(name)

    def select(self, names: Sequence[str]) -> FactorSpace:
        """The space of these factors only, in this order."""
        columns = [self.index(name) for name in names]
        return FactorSpace(tuple(names), tuple(self.sizes[i] for i in columns), tuple(self.kinds[i] for i in columns))

    @property
    def varying(self) -> tuple[int, ...]:
        """Columns of the factors that can take more than one value."""
        return tuple(i for i, size in enumerate(self.sizes) if size != 1)

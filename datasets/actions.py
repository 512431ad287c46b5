"""Actions between observations: what each moves, which undoes which, and the angle by which it turns a circular factor. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foundation.errors import UserError


@dataclass(frozen=True)
class ActionSpace:
    """A actions, numbered as they stand here.

    `factors` names the factor that each moves; `signs` its direction, 1 or -1, or 0 where the factor is redrawn at random;
    `angles` the radians by which it turns the factor's circle (signed; a step of 5 on a circle of 33: 2 pi 5/33), None where
    the factor has no circle. Raises UserError for unequal lengths and for two actions of one factor and sign.
    """

    factors: tuple[str, ...] = ()
    signs: tuple[int, ...] = ()
    angles: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.factors) == len(self.signs) == len(self.angles):
            raise UserError(f"each action needs a factor, a sign and an angle or None: {self.factors}, {self.signs}, {self.angles}")
        if len(set(zip(self.factors, self.signs, strict=True))) < len(self.factors):
            raise UserError(f"two actions move the same factor in the same direction: {', '.join(self.names)}")

    def __len__(self) -> int:
        return len(self.factors)

    @property
    def names(self) -> tuple[str, ...]:
        """`x +`, `x -`, or the bare name of a factor that is redrawn."""
        marks = {1: " +", -1: " -", 0: ""}
        return tuple(factor + marks[sign] for factor, sign in zip(self.factors, self.signs, strict=True))

    @property
    def inverses(self) -> tuple[int | None, ...]:
        """For each action the one that undoes it, None where there is none."""
        places = {place: action for action, place in enumerate(zip(self.factors, self.signs, strict=True))}
        return tuple(places.get((factor, -sign)) if sign else None for factor, sign in zip(self.factors, self.signs, strict=True))

    @property
    def axes(self) -> tuple[str, ...]:
        """The factors that are moved, in the order of their first action."""
        return tuple(dict.fromkeys(self.factors))


NO_ACTIONS = ActionSpace()


@dataclass(frozen=True)
class Walk:
    """A recorded walk through all rows of a data set: `actions` [N - 1] int64, action k leads from row k to row k + 1."""

    actions: np.ndarray
    space: ActionSpace

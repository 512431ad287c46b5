"""Objects that other processes are sent without what they keep from a first look: each process looks it up again."""

from __future__ import annotations

from functools import cached_property


class Reopened:
    """Mapped stores, open files and drawn pictures are cached properties of such an object, and stay where they are."""

    def __getstate__(self) -> dict[str, object]:
        kept = {name for kind in type(self).__mro__ for name, value in vars(kind).items() if isinstance(value, cached_property)}
        return {name: value for name, value in self.__dict__.items() if name not in kept}

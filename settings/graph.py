"""What building an object can reach: the configurables behind its references, and the bindings that they read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gin import config as gin_config

from settings.values import CONSTANT, MACRO, defaults, label, plain, references, resolved


class Graph:
    """The configurables that building `root` can reach: `nodes`, (scope in which it is called, selector)."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.nodes = self._walk([("", self.root)])

    def _walk(self, todo: list[tuple[str, str]], only: Sequence[str] | None = None) -> list[tuple[str, str]]:
        seen: dict[tuple[str, str], None] = {}
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen[node] = None
            if node[1] == MACRO:
                continue
            for parameter, value in self.bindings(*node).items():
                if only is None or node != ("", self.root) or parameter in only:
                    todo += self._targets(value, node[0])
        return list(seen)

    def _targets(self, value: Any, scope: str) -> Iterator[tuple[str, str]]:
        """What a value refers to, and the scope in which it is called; what a named value refers to is called where it is used."""
        for reference in references(value):
            own = "/".join(reference.scopes)
            if reference.configurable.selector == CONSTANT:
                continue
            if reference.configurable.selector == MACRO:
                yield own, MACRO
                yield from self._targets(self.bindings(own, MACRO).get("value"), scope)
            else:
                yield own or scope, reference.configurable.selector

    def bindings(self, scope: str, selector: str) -> dict[str, Any]:
        """Values that are bound for a configurable in a scope: the longer scope wins."""
        return {name: value for name, (_, value) in self._winners(scope, selector).items()}

    def _winners(self, scope: str, selector: str) -> dict[str, tuple[str, Any]]:
        found: dict[str, tuple[str, Any]] = {}
        for (bound, key), values in sorted(gin_config._CONFIG.items(), key=lambda item: len(item[0][0])):
            if key == selector and (not bound or scope == bound or scope.startswith(f"{bound}/")):
                found.update({name: (bound, value) for name, value in values.items()})
        return found

    def unread(self) -> list[str]:
        """Bindings that nothing reads: of something that is not reached, or hidden by the binding of a longer scope."""
        read = {(bound, selector, name) for scope, selector in self.nodes for name, (bound, _) in self._winners(scope, selector).items()}
        every = [(bound, key, name) for (bound, key), values in gin_config._CONFIG.items() for name in values]
        return [label(bound, key, name) for bound, key, name in every if (bound, key, name) not in read]

    def values(self, scope: str, selector: str) -> dict[str, Any]:
        """All parameters of a configurable: bound values, then the defaults of its signature."""
        return {**defaults(selector), **self.bindings(scope, selector)}

    def settings(self) -> dict[str, Any]:
        """Every resolved value by name, named values under their own; references as text."""
        flat: dict[str, Any] = {}
        for scope, selector in self.nodes:
            if selector == MACRO:
                flat[scope] = plain(resolved(self.bindings(scope, selector).get("value")))
            else:
                flat.update({label(scope, selector, name): plain(resolved(v)) for name, v in self.values(scope, selector).items()})
        return dict(sorted(flat.items()))

    def parts(self, free: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """For each parameter of the root, one line for every value that it rests on, defaults included, but for those in `free`."""
        return {name: tuple(self._lines(name, free)) for name in self.values("", self.root)}

    def _lines(self, part: str, free: Sequence[str]) -> Iterator[str]:
        for scope, selector in self._walk([("", self.root)], (part,)):
            for name, value in {} if selector == MACRO else self.values(scope, selector).items():
                if f"{selector}.{name}" not in free and (selector != self.root or name == part):
                    yield f"{label(scope, selector, name)} = {plain(resolved(value))!r}"

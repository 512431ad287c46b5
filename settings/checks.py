"""What gin passes mutely and is almost always a mistake: found when a file is loaded, and told in one line."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gin
import typeguard

from foundation.errors import UserError
from settings.graph import Graph
from settings.values import MACRO, hints_of, label, references, resolved, signature


def refuse_unread(where: str, unread: Sequence[str]) -> None:
    """Raises UserError where bindings are read by nothing."""
    if unread:
        raise UserError(f"{where}: nothing reads {', '.join(unread)}; check its spelling and its scope, or take it out")


def check(graph: Graph, path: Path) -> None:
    """Raises UserError for what gin would pass mutely."""
    for name in (scope for scope, selector in graph.nodes if selector == MACRO):
        if "value" not in graph.bindings(name, MACRO):
            raise UserError(f"{path}: %{name} is used, but nothing is called {name}")
    for scope, selector in (node for node in graph.nodes if node[1] != MACRO):
        bindings = graph.bindings(scope, selector)
        hints = hints_of(selector)
        for name, parameter in signature(selector).parameters.items():
            written = label(scope, selector, name)
            if name in bindings:
                _check_type(resolved(bindings[name]), hints.get(name, Any), written, path)
            elif parameter.default is inspect.Parameter.empty:
                if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                    raise UserError(f"{path}: {written} must be set")
            elif inspect.isclass(parameter.default) or inspect.isfunction(parameter.default):
                raise UserError(f"{path}: {written} brings in {parameter.default.__name__} past the configuration; parts have no default")


def _check_type(value: Any, annotation: Any, written: str, path: Path) -> None:
    if value is gin.REQUIRED:
        raise UserError(f"{path}: {written} must be set")
    if any(True for _ in references(value)):
        return
    try:
        typeguard.check_type(value, annotation)
    except typeguard.TypeCheckError:
        wanted = getattr(annotation, "__name__", None) if inspect.isclass(annotation) else str(annotation).replace("collections.abc.", "")
        raise UserError(f"{path}: {written} must be of type {wanted}, not {value!r} ({type(value).__name__})") from None

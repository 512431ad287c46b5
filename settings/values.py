"""Values of a configuration: named values resolved, references found, signatures read, bindings written as people write them."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from gin import config as gin_config

MACRO, CONSTANT = "gin.macro", "gin.constant"


def resolved(value: Any) -> Any:
    """A value with its macros replaced by what they stand for."""
    if isinstance(value, gin_config.ConfigurableReference) and value.configurable.selector in (MACRO, CONSTANT):
        name = "/".join(value.scopes)
        if value.configurable.selector == CONSTANT:
            return gin_config._CONSTANTS[name]
        return resolved(gin_config._CONFIG.get((name, MACRO), {}).get("value"))
    if isinstance(value, list | tuple):
        return type(value)(resolved(part) for part in value)
    if isinstance(value, dict):
        return {resolved(key): resolved(part) for key, part in value.items()}
    return value


def references(value: Any) -> Iterator[gin_config.ConfigurableReference]:
    """All references in a value, however deep."""
    if isinstance(value, gin_config.ConfigurableReference):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from references(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from references(part)


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, gin_config.ConfigurableReference):
        return "@" + "/".join([*value.scopes, value.configurable.selector])
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    return value if isinstance(value, str | int | float | bool | type(None)) else repr(value)


def selector_of(configurable: type | Callable[..., Any]) -> str:
    """The name under which gin keeps a class or function."""
    return f"{configurable.__module__}.{configurable.__qualname__}"


def signature(selector: str) -> inspect.Signature:
    """The signature of a configurable."""
    return inspect.signature(gin_config._REGISTRY[selector].wrapped)


def defaults(selector: str) -> dict[str, Any]:
    """Default values of a configurable's parameters."""
    wrapped = gin_config._REGISTRY[selector].wrapped
    defaults = {name: p.default for name, p in signature(selector).parameters.items() if p.default is not inspect.Parameter.empty}
    if dataclasses.is_dataclass(wrapped):
        made = {f.name: f.default_factory() for f in dataclasses.fields(wrapped) if f.default_factory is not dataclasses.MISSING}
        return {**defaults, **made}
    return defaults


def hints_of(selector: str) -> dict[str, Any]:
    """Annotations of a configurable's parameters; one that names a type which is not imported at run time is left out."""
    wrapped = gin_config._REGISTRY[selector].wrapped
    names = vars(inspect.getmodule(wrapped))
    found = {}
    for name, parameter in signature(selector).parameters.items():
        if parameter.annotation is not inspect.Parameter.empty:
            with contextlib.suppress(NameError):
                annotation = parameter.annotation
                found[name] = eval(annotation, dict(names)) if isinstance(annotation, str) else annotation
    return found


def label(scope: str, selector: str, parameter: str) -> str:
    """How a binding is written, without the module: model/Optimiser.learning_rate."""
    if selector == MACRO:
        return scope  # a macro is kept as a scope of gin.macro
    name = selector if not parameter else f"{selector.rpartition('.')[2]}.{parameter}"
    return f"{scope}/{name}" if scope else name

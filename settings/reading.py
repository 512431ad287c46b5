"""Configuration files as text: their statements, those of what they include, and bindings given on a command line."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gin import config_parser

from foundation.errors import UserError
from settings.values import label

ROOT = Path(__file__).resolve().parent.parent


class Words(config_parser.ParserDelegate):  # type: ignore[misc]
    """Reads values as text: enough to look at a file's statements without running them."""

    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> str:
        return f"@{scoped_configurable_name}"

    def macro(self, macro_name: str) -> str:
        return f"%{macro_name}"


def statements_of(path: Path) -> Iterator[Any]:
    """Statements of a file and of all files it includes. Raises UserError for a missing include and for a binding that stands twice."""
    seen: dict[tuple[str, str, str], int] = {}
    with one_line(path):
        statements = list(config_parser.ConfigParser(path.read_text(encoding="utf-8"), Words()))
    for statement in statements:
        if isinstance(statement, config_parser.IncludeStatement):
            included = ROOT / statement.filename
            if not included.is_file():
                present = sorted(other.name for other in included.parent.glob("*.gin"))
                raise UserError(
                    f"{path}: there is no {statement.filename}; {included.parent.name} has {', '.join(present) or 'no such files'}"
                )
            yield from statements_of(included)
        elif isinstance(statement, config_parser.BindingStatement):
            key = (statement.scope, statement.selector, statement.arg_name)
            if key in seen:
                raise UserError(
                    f"{path}: {label(*key)} is set in line {seen[key]} and again in line {statement.location.line_num}; keep one"
                )
            seen[key] = statement.location.line_num
        yield statement


def imports_of(statements: Sequence[Any]) -> list[Any]:
    return [s for s in statements if isinstance(s, config_parser.ImportStatement) and not s.module.startswith("__gin__")]


def full_binding(text: str, statements: Sequence[Any]) -> tuple[str, list[str]]:
    """A binding of the command line with the full name of what it sets, and the imports that it needs.

    `beta = 2` sets a named value, `VAE.beta = 2` a parameter of the one VAE that the experiment imports, `models.vae.VAE.beta = 2` any.
    """
    modules = {statement.bound_name(): statement.module for statement in imports_of(statements)}
    macros = {s.selector for s in statements if isinstance(s, config_parser.BindingStatement) and not s.arg_name}
    target, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not target or not value:
        raise UserError(f"--set {text!r} is no binding; write NAME = VALUE, as in --set 'beta = 2.0'")
    scope, _, dotted = target.rpartition("/")
    name, _, parameter = dotted.rpartition(".")
    named = [name, *re.findall(r"@(?:\w+/)*([\w.]+)", value)]
    needed = [module for module in map(_module_of, named) if module and module.partition(".")[0] not in modules]
    for module in needed:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise UserError(f"--set {text!r}: there is no module {module}") from error
    imports = [f"import {module}" for module in needed]
    if not name:
        if parameter not in macros:
            raise UserError(
                f"--set {text!r}: there is no named value {parameter!r}; named values are {', '.join(sorted(macros)) or 'none'}"
            )
        return text, imports
    prefix = f"{scope}/" if scope else ""
    if "." in name:
        return f"{prefix}{name}.{parameter} = {value}", imports
    owners = [bound for bound, module in modules.items() if _defines(module, name)]
    if len(owners) != 1:
        found = "nothing" if not owners else "more than one thing: " + ", ".join(f"{owner}.{name}" for owner in owners)
        raise UserError(f"--set {text!r}: {name} names {found} in this experiment; write it with its module, as in models.vae.VAE.beta")
    return f"{prefix}{owners[0]}.{name}.{parameter} = {value}", imports


def _module_of(name: str) -> str:
    return name.rpartition(".")[0]


def _defines(module: str, name: str) -> bool:
    """Whether a module defines `name` itself, rather than having imported it."""
    return getattr(getattr(importlib.import_module(module), name, None), "__module__", None) == module


@contextlib.contextmanager
def one_line(where: Path | str) -> Iterator[None]:
    """Turns whatever gin raises into one line."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # gin raises many kinds, and each is a mistake in a file
        message = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        hint = "; words need quotes, as in 'argmax'" if isinstance(error, SyntaxError) else ""
        raise UserError(f"{where}: {message}{hint}") from error

"""Configuration by gin, checked: a file becomes an object, or one line that says what is wrong with it. This room alone speaks gin.

gin 0.5.0 accepts mutely what is almost always a mistake: a binding that nothing reads, a value of the wrong type, the same binding
twice in a file, a part that a Python default brings in past the configuration. All of them are looked for when a file is LOADED, by
walking the references from the object that it describes, so that a mistake costs a second and not a training run.

References bind late: what a configured factory builds depends on the configuration that is open when it is called. One file is
therefore open at a time, and everything of it is built inside the `with` block.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import gin
from gin import config_parser

from settings.checks import check, refuse_unread
from settings.graph import Graph
from settings.reading import ROOT, Words, full_binding, imports_of, one_line, statements_of
from settings.values import label, selector_of

REGISTRATION = "from __gin__ import dynamic_registration"
T = TypeVar("T")


@dataclass(frozen=True)
class Opened(Generic[T]):
    """What a file describes, built: `built`.

    `text` re-creates the configuration; `settings` are all resolved values by name; `parts` gives, for each parameter of the root, one
    line for every value that it rests on, defaults included.
    """

    built: T
    text: str
    settings: Mapping[str, Any]
    parts: Mapping[str, tuple[str, ...]]


@contextlib.contextmanager
def opened(path: Path, root: type[T], overrides: Sequence[str] = (), free: Sequence[str] = ()) -> Iterator[Opened[T]]:
    """Opens the description of a `root`; inside the block its factories build by this configuration.

    `overrides` are bindings applied last, `free` parameters (module.Class.name) that `parts` leaves out. Raises UserError for every
    mistake that can be seen without building, and for those that building finds.
    """
    statements = list(statements_of(path))
    gin.clear_config()
    try:
        _parse(path, statements)
        selector = selector_of(root)
        graph = Graph(selector)
        check(graph, path)
        refuse_unread(str(path), graph.unread())
        targets = [_apply(override, statements) for override in overrides]
        graph = Graph(selector)
        for override, target in zip(overrides, targets, strict=True):
            refuse_unread(f"--set {override!r}", [written for written in graph.unread() if written == target])
        check(graph, path)
        built = gin.get_configurable(root)()
        yield Opened(built, gin.config_str(max_line_length=120), graph.settings(), graph.parts(free))
    finally:
        gin.clear_config()


def _parse(path: Path, statements: Sequence[Any]) -> None:
    """Hands gin one text: the imports of all files, then the experiment."""
    imports = dict.fromkeys(statement.format() for statement in imports_of(statements))
    gin.add_config_file_search_path(str(ROOT))
    with one_line(path):
        gin.parse_config("\n".join([REGISTRATION, *imports, f"include '{path.resolve()}'"]))


def _apply(override: str, statements: Sequence[Any]) -> str:
    """Parses one binding of the command line after the files; returns how it is written in messages."""
    line, needed = full_binding(override, statements)
    imports = dict.fromkeys([*(statement.format() for statement in imports_of(statements)), *needed])
    with one_line(f"--set {override!r}"):
        gin.parse_config("\n".join([REGISTRATION, *imports, line]))
        (binding,) = config_parser.ConfigParser(line, Words())
    return label(binding.scope, binding.selector, binding.arg_name) if binding.arg_name else binding.selector

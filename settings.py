"""Configuration: the only file that speaks gin. An experiment file becomes an Experiment, or one line that says what is wrong with it.

gin 0.5.0 accepts mutely what is almost always a mistake: a binding that nothing reads, a value of the wrong type, the same binding
twice in a file, a part that a Python default brings in past the configuration. All of them are looked for when a file is LOADED, by
walking the references from Experiment, so that a mistake costs a second and not a training run.

References bind late: what a configured factory builds depends on the configuration that is open when it is called. One experiment is
therefore open at a time, and everything of it is built inside the `with` block.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gin
import typeguard
from gin import config as gin_config
from gin import config_parser

from experiments.experiment import Experiment
from foundation.errors import UserError

ROOT = Path(__file__).resolve().parent
EXPERIMENTS = ROOT / "configs" / "experiments"
REGISTRATION = "from __gin__ import dynamic_registration"
MACRO, CONSTANT = "gin.macro", "gin.constant"
IDENTIFYING = ("source", "model", "training", "selection", "start")
FREE = {("training.training.Training", name) for name in ("steps", "report_every", "checkpoint_every")}


@dataclass(frozen=True)
class Opened:
    """An experiment, built from its file.

    `text` re-creates the configuration; `settings` are all resolved values by name; `parts` gives, for each field of Experiment, one
    line for every value that it rests on, defaults included.
    """

    name: str
    experiment: Experiment
    text: str
    settings: dict[str, Any]
    parts: dict[str, tuple[str, ...]]

    @property
    def identity(self) -> tuple[str, ...]:
        """What shapes the weights of a run, and so tells one run from another."""
        return tuple(sorted({line for part in IDENTIFYING for line in self.parts[part]}))


def experiment_names() -> list[str]:
    """Names of the files in configs/experiments/."""
    return sorted(path.stem for path in EXPERIMENTS.glob("*.gin"))


def locate(name: str) -> tuple[str, Path]:
    """Name and file of an experiment, given as a name in configs/experiments/ or as the path of a .gin file (of a run folder, say)."""
    path = Path(name) if name.endswith(".gin") else EXPERIMENTS / f"{name}.gin"
    if not path.is_file():
        raise UserError(f"there is no experiment {name!r}; experiments are: {', '.join(experiment_names())}")
    # The configuration of a run folder, output/<experiment>/<seed>/config.gin, is that experiment.
    title = path.resolve().parent.parent.name if path.name == "config.gin" else path.stem
    if "_to_" in title:
        raise UserError(f"an experiment cannot be called {title!r}: '_to_' stands between the Source and the Target of a transfer")
    return title, path


@contextlib.contextmanager
def opened(name: str, overrides: Sequence[str] = ()) -> Iterator[Opened]:
    """Opens an experiment; inside the block its factories build by its configuration. `overrides` are bindings, applied last."""
    title, path = locate(name)
    statements = list(_read(path))
    gin.clear_config()
    try:
        _parse(path, statements)
        graph = _Graph()
        _check(graph, path)
        _refuse_unread(str(path), graph.unread())
        targets = [_apply(override, statements) for override in overrides]
        graph = _Graph()
        for override, target in zip(overrides, targets, strict=True):
            _refuse_unread(f"--set {override!r}", [label for label in graph.unread() if label == target])
        _check(graph, path)
        experiment = gin.get_configurable(Experiment)()
        yield Opened(title, experiment, gin.config_str(max_line_length=120), graph.settings(), graph.parts())
    finally:
        gin.clear_config()


# ---- reading files


class _Words(config_parser.ParserDelegate):  # type: ignore[misc]
    """Reads values as text: enough to look at a file's statements without running them."""

    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> str:
        return f"@{scoped_configurable_name}"

    def macro(self, macro_name: str) -> str:
        return f"%{macro_name}"


def _read(path: Path) -> Iterator[Any]:
    """Statements of a file and of all files it includes. Raises UserError for a missing include and for a binding that stands twice."""
    seen: dict[tuple[str, str, str], int] = {}
    with _one_line(path):
        statements = list(config_parser.ConfigParser(path.read_text(encoding="utf-8"), _Words()))
    for statement in statements:
        if isinstance(statement, config_parser.IncludeStatement):
            included = ROOT / statement.filename
            if not included.is_file():
                present = sorted(other.name for other in included.parent.glob("*.gin"))
                raise UserError(
                    f"{path}: there is no {statement.filename}; {included.parent.name} has {', '.join(present) or 'no such files'}"
                )
            yield from _read(included)
        elif isinstance(statement, config_parser.BindingStatement):
            key = (statement.scope, statement.selector, statement.arg_name)
            if key in seen:
                raise UserError(
                    f"{path}: {_label(*key)} is set in line {seen[key]} and again in line {statement.location.line_num}; keep one"
                )
            seen[key] = statement.location.line_num
        yield statement


def _imports(statements: Sequence[Any]) -> list[Any]:
    return [s for s in statements if isinstance(s, config_parser.ImportStatement) and not s.module.startswith("__gin__")]


def _parse(path: Path, statements: Sequence[Any]) -> None:
    """Hands gin one text: the imports of all files, then the experiment."""
    imports = dict.fromkeys(statement.format() for statement in _imports(statements))
    gin.add_config_file_search_path(str(ROOT))
    with _one_line(path):
        gin.parse_config("\n".join([REGISTRATION, *imports, f"include '{path.resolve()}'"]))


def _apply(override: str, statements: Sequence[Any]) -> str:
    """Parses one binding of the command line after the files; returns how it is written in messages."""
    line, needed = _override(override, statements)
    imports = dict.fromkeys([*(statement.format() for statement in _imports(statements)), *needed])
    with _one_line(f"--set {override!r}"):
        gin.parse_config("\n".join([REGISTRATION, *imports, line]))
        (binding,) = config_parser.ConfigParser(line, _Words())
    return _label(binding.scope, binding.selector, binding.arg_name) if binding.arg_name else binding.selector


def _override(text: str, statements: Sequence[Any]) -> tuple[str, list[str]]:
    """A binding of the command line with the full name of what it sets, and the imports that it needs.

    `beta = 2` sets a named value, `VAE.beta = 2` a parameter of the one VAE that the experiment imports, `models.vae.VAE.beta = 2` any.
    """
    modules = {statement.bound_name(): statement.module for statement in _imports(statements)}
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
def _one_line(where: Path | str) -> Iterator[None]:
    """Turns whatever gin raises into one line."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # gin raises many kinds, and each is a mistake in a file
        message = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        hint = "; words need quotes, as in 'argmax'" if isinstance(error, SyntaxError) else ""
        raise UserError(f"{where}: {message}{hint}") from error


# ---- what is reachable from the experiment


class _Graph:
    """The configurables that building the experiment can reach, each with the scope in which it is called."""

    def __init__(self) -> None:
        self.root = _selector(Experiment)
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
        for reference in _references(value):
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
        return [_label(bound, key, name) for bound, key, name in every if (bound, key, name) not in read]

    def values(self, scope: str, selector: str) -> dict[str, Any]:
        """All parameters of a configurable: bound values, then the defaults of its signature."""
        return {**_defaults(selector), **self.bindings(scope, selector)}

    def settings(self) -> dict[str, Any]:
        """Every resolved value by name, named values under their own; references as text."""
        flat: dict[str, Any] = {}
        for scope, selector in self.nodes:
            if selector == MACRO:
                flat[scope] = _plain(resolved(self.bindings(scope, selector).get("value")))
            else:
                flat.update({_label(scope, selector, name): _plain(resolved(v)) for name, v in self.values(scope, selector).items()})
        return dict(sorted(flat.items()))

    def parts(self) -> dict[str, tuple[str, ...]]:
        """For each field of Experiment, one line for every value that it rests on (but for the number of steps and the like)."""
        return {field.name: tuple(self._lines(field.name)) for field in dataclasses.fields(Experiment)}

    def _lines(self, part: str) -> Iterator[str]:
        for scope, selector in self._walk([("", self.root)], (part,)):
            for name, value in {} if selector == MACRO else self.values(scope, selector).items():
                if (selector, name) not in FREE and (selector != self.root or name == part):
                    yield f"{_label(scope, selector, name)} = {_plain(resolved(value))!r}"


def _refuse_unread(where: str, unread: Sequence[str]) -> None:
    if unread:
        raise UserError(f"{where}: nothing reads {', '.join(unread)}; check its spelling and its scope, or take it out")


def _check(graph: _Graph, path: Path) -> None:
    """Raises UserError for what gin would pass mutely."""
    for name in (scope for scope, selector in graph.nodes if selector == MACRO):
        if "value" not in graph.bindings(name, MACRO):
            raise UserError(f"{path}: %{name} is used, but nothing is called {name}")
    for scope, selector in (node for node in graph.nodes if node[1] != MACRO):
        bindings = graph.bindings(scope, selector)
        annotations = _annotations(selector)
        for name, parameter in _signature(selector).parameters.items():
            label = _label(scope, selector, name)
            if name in bindings:
                _check_type(resolved(bindings[name]), annotations.get(name, Any), label, path)
            elif parameter.default is inspect.Parameter.empty:
                if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                    raise UserError(f"{path}: {label} must be set")
            elif inspect.isclass(parameter.default) or inspect.isfunction(parameter.default):
                raise UserError(f"{path}: {label} brings in {parameter.default.__name__} past the configuration; parts have no default")


def _check_type(value: Any, annotation: Any, label: str, path: Path) -> None:
    if value is gin.REQUIRED:
        raise UserError(f"{path}: {label} must be set")
    if any(True for _ in _references(value)):
        return
    try:
        typeguard.check_type(value, annotation)
    except typeguard.TypeCheckError:
        wanted = getattr(annotation, "__name__", None) if inspect.isclass(annotation) else str(annotation).replace("collections.abc.", "")
        raise UserError(f"{path}: {label} must be of type {wanted}, not {value!r} ({type(value).__name__})") from None


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


def _references(value: Any) -> Iterator[gin_config.ConfigurableReference]:
    if isinstance(value, gin_config.ConfigurableReference):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _references(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _references(part)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, gin_config.ConfigurableReference):
        return "@" + "/".join([*value.scopes, value.configurable.selector])
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return value if isinstance(value, str | int | float | bool | type(None)) else repr(value)


def _selector(configurable: type | Callable[..., Any]) -> str:
    return f"{configurable.__module__}.{configurable.__qualname__}"


def _signature(selector: str) -> inspect.Signature:
    return inspect.signature(gin_config._REGISTRY[selector].wrapped)


def _defaults(selector: str) -> dict[str, Any]:
    """Default values of a configurable's parameters."""
    wrapped = gin_config._REGISTRY[selector].wrapped
    defaults = {name: p.default for name, p in _signature(selector).parameters.items() if p.default is not inspect.Parameter.empty}
    if dataclasses.is_dataclass(wrapped):
        made = {f.name: f.default_factory() for f in dataclasses.fields(wrapped) if f.default_factory is not dataclasses.MISSING}
        return {**defaults, **made}
    return defaults


def _annotations(selector: str) -> dict[str, Any]:
    """Annotations of a configurable's parameters; one that names a type which is not imported at run time is left out."""
    wrapped = gin_config._REGISTRY[selector].wrapped
    names = vars(inspect.getmodule(wrapped))
    found = {}
    for name, parameter in _signature(selector).parameters.items():
        if parameter.annotation is not inspect.Parameter.empty:
            with contextlib.suppress(NameError):
                annotation = parameter.annotation
                found[name] = eval(annotation, dict(names)) if isinstance(annotation, str) else annotation
    return found


def _label(scope: str, selector: str, parameter: str) -> str:
    """How a binding is written, without the module: model/Optimiser.learning_rate."""
    if selector == MACRO:
        return scope  # a macro is kept as a scope of gin.macro
    name = selector if not parameter else f"{selector.rpartition('.')[2]}.{parameter}"
    return f"{scope}/{name}" if scope else name

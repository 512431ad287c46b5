"""Arrays of bytes inside a pickled object array, read without unpickling: a small machine that knows arrays and nothing else.

A pickle is a program for a stack machine, and two of its instructions call what the file names. This machine knows the
instructions with which numpy writes arrays (protocols 2 to 5), and the four names that occur in them. It looks nothing up,
imports nothing and calls nothing; every other instruction and every other name ends the reading.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable
from typing import IO

import numpy as np

LARGEST = 2**30
"""Bytes of one buffer at most: 27,000 frames of 112 x 112. A file that announces more is not waited for."""
LARGE = 2**16
"""Buffers of more bytes are not remembered for a second use, which numpy never makes of them."""

_CORES = ("numpy.core", "numpy._core")
_NAMES = {
    **{f"{core}.multiarray _reconstruct": "shell" for core in _CORES},
    **{f"{core}.numeric _frombuffer": "buffer" for core in _CORES},
    "numpy ndarray": "array",
    "numpy dtype": "type",
}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_INTEGERS = ("BININT", "BININT1", "BININT2", "LONG1")
_BYTES = ("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8", "SHORT_BINSTRING", "BINSTRING")
_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8")
_PUT, _GET = ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), ("GET", "BINGET", "LONG_BINGET")
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class Refused(ValueError):
    """The pickle holds something other than arrays of bytes; the message says what."""


class _Name:
    """One of the known names: a word, not the thing that it names."""

    def __init__(self, word: str) -> None:
        self.word = word


class _Type:
    """A type of elements: bytes (`u1`) or objects (`O`)."""

    def __init__(self, code: object) -> None:
        if code not in ("u1", "|u1", "O", "O8", "|O"):
            raise Refused(f"an array of type {code!r:.40}, not of bytes")
        self.objects = "O" in str(code)


class _Shell:
    """An array to be: `kept` is what became of it, `members` its elements where they are objects."""

    def __init__(self) -> None:
        self.kept: object = None
        self.members: list[object] | None = None
        self.built = False


def kept_arrays(file: IO[bytes], keep: Callable[[np.ndarray], object]) -> list[object]:
    """What `keep` returned for each element of the pickled object array [N], in order: N arrays of uint8, of any shapes.

    `keep` is handed every array as it is met (read-only, one at a time), so that a file need not fit into memory. An array that
    stands twice in the list is kept once. Raises Refused for everything else, and ValueError where the stream is cut or broken.
    """
    result = _Machine(keep).run(file)
    if not isinstance(result, _Shell) or result.members is None:
        raise Refused("there is no array of arrays in it")
    kept = []
    for member in result.members:
        if not isinstance(member, _Shell) or not member.built or member.members is not None:
            raise Refused("an element of the array is no array of bytes")
        kept.append(member.kept)
    return kept


class _Bounded:
    """A file that is read in pieces of LARGEST bytes at most."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        if size > LARGEST:
            raise Refused(f"a buffer of {size:,} bytes")
        return self._file.read(size)

    def readline(self) -> bytes:
        return self._file.readline(LARGE)


class _Machine:
    def __init__(self, keep: Callable[[np.ndarray], object]) -> None:
        self._keep = keep
        self._stack: list[object] = []
        self._marks: list[int] = []
        self._memo: dict[int, object] = {}

    def run(self, file: IO[bytes]) -> object:
        """The object that the program leaves on the stack."""
        try:
            for opcode, argument, _ in pickletools.genops(_Bounded(file)):  # type: ignore[arg-type]  # read and readline are all it needs
                if opcode.name == "STOP":
                    return self._stack.pop()
                self._step(opcode.name, argument)
        except (IndexError, KeyError, TypeError, UnicodeDecodeError) as error:
            raise Refused(f"its instructions make no sense ({type(error).__name__}: {error})") from error
        raise Refused("it does not end")

    def _step(self, name: str, argument: object) -> None:
        stack = self._stack
        if name in (*_INTEGERS, *_BYTES, *_TEXTS):
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _PUT:
            place = len(self._memo) if argument is None else int(str(argument))
            self._memo[place] = _spent(stack[-1])
        elif name in _GET:
            stack.append(self._recalled(int(str(argument))))
        elif name in _TUPLES:
            count = _TUPLES[name]
            stack[-count:] = [tuple(self._top(count))]
        elif name == "TUPLE":
            stack.append(tuple(self._since_mark()))
        elif name == "MARK":
            self._marks.append(len(stack))
        elif name == "EMPTY_LIST":
            stack.append([])
        elif name in ("APPEND", "APPENDS"):
            members = [stack.pop()] if name == "APPEND" else self._since_mark()
            _listed(stack[-1]).extend(members)
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            words = argument if name == "GLOBAL" else " ".join(str(word) for word in self._popped(2))
            stack.append(_named(str(words)))
        elif name == "REDUCE":
            called, given = self._popped(2)
            stack.append(self._made(called, given))
        elif name == "BUILD":
            self._build(stack.pop(), stack[-1])
        elif name not in ("PROTO", "FRAME"):
            raise Refused(f"the instruction {name}, which arrays do not need")

    def _made(self, called: object, given: object) -> object:
        """What a call of one of the known names stands for."""
        word = called.word if isinstance(called, _Name) else None
        values = given if isinstance(given, tuple) else ()
        if word == "shell" and len(values) == 3 and isinstance(values[0], _Name) and values[0].word == "array":
            return _Shell()
        if word == "type" and values:
            return _Type(values[0])
        if word == "buffer" and len(values) == 4 and isinstance(values[1], _Type) and not values[1].objects:
            shell = _Shell()
            self._fill(shell, values[2], values[0], values[3] == "F")
            return shell
        raise Refused("a call that arrays do not need")

    def _build(self, state: object, target: object) -> None:
        if isinstance(target, _Type):
            fields = state[2:5] if isinstance(state, tuple) and len(state) >= 8 else None
            if fields != (None, None, None):
                raise Refused("an array with fields")
        elif isinstance(target, _Shell) and not target.built and isinstance(state, tuple) and len(state) == 5:
            _, shape, kind, fortran, content = state
            if not isinstance(kind, _Type):
                raise Refused("an array without a type")
            if kind.objects:
                target.members, target.built = _listed(content), True
                if tuple(shape) != (len(target.members),):
                    raise Refused(f"an array of arrays of shape {shape!r:.40} with {len(target.members)} elements")
            else:
                self._fill(target, shape, content, bool(fortran))
        else:
            raise Refused("a state that belongs to no array")

    def _fill(self, shell: _Shell, shape: object, content: object, fortran: bool) -> None:
        if isinstance(content, str):  # text of Python 2, one character a byte
            content = content.encode("latin-1")
        if not isinstance(content, bytes | bytearray) or not isinstance(shape, tuple) or not all(_size(side) for side in shape):
            raise Refused("an array whose content is no bytes")
        if math.prod(shape) != len(content):
            raise Refused(f"an array of shape {shape} with {len(content)} bytes")
        flat: np.ndarray = np.frombuffer(content, np.uint8)
        array = flat.reshape(shape, order="F" if fortran else "C")
        array.flags.writeable = False
        shell.kept, shell.built = self._keep(array), True

    def _top(self, count: int) -> list[object]:
        if len(self._stack) < count:
            raise IndexError("the stack is empty")
        return self._stack[-count:]

    def _popped(self, count: int) -> list[object]:
        top = self._top(count)
        del self._stack[-count:]
        return top

    def _since_mark(self) -> list[object]:
        start = self._marks.pop()
        members = self._stack[start:]
        del self._stack[start:]
        return members

    def _recalled(self, place: int) -> object:
        value = self._memo[place]
        if isinstance(value, _Name) and value.word == "spent":
            raise Refused("a large buffer that is used twice")
        return value


def _spent(value: object) -> object:
    """What is remembered of a value: not the content of a large array, nor a state that holds it."""
    held = value if isinstance(value, tuple) else (value,)
    large = any(isinstance(part, bytes | bytearray | str) and len(part) > LARGE for part in held)
    return _Name("spent") if large else value


def _named(words: str) -> _Name:
    if words not in _NAMES:
        raise Refused(f"it names {words.replace(' ', '.')[:80]!r}, which arrays do not need; nothing of it was executed")
    return _Name(_NAMES[words])


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Refused("elements that belong to no list")
    return value


def _size(side: object) -> bool:
    return isinstance(side, int) and not isinstance(side, bool) and side >= 0

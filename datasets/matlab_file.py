"""Arrays of bytes from a MATLAB file of version 5 to 7.2, and nothing else of it.

Source: MATLAB's "MAT-File Format", level 5. Why not scipy.io.loadmat: damaged files crash it (a bus error ends the process), and
what a file announces is unpacked whatever its size.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_HEADER, _COMPRESSED, _MATRIX, _UINT8 = 128, 15, 14, 2
_CLASSES = {1: "cell", 2: "struct", 4: "char", 6: "double", 7: "single", 8: "int8", 9: "uint8", 10: "int16", 11: "uint16"}
_ENOUGH = 512
"""Bytes of an array that hold its name, type and shape."""


class NoSuchArray(ValueError):
    """The file is cut, damaged, no MATLAB file, or holds something else; the message says which."""


@dataclass(frozen=True)
class _Announced:
    name: str
    kind: str
    shape: tuple[int, ...]
    begin: int
    length: int

    def __str__(self) -> str:
        return f"{self.name} {list(self.shape)} {self.kind}"


def read_bytes(path: Path, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The array `name` of a file, which must be [*shape] uint8. Raises NoSuchArray for anything else."""
    try:
        content = path.read_bytes()
        return _array(memoryview(content), name, shape)
    except (OSError, struct.error, zlib.error, UnicodeDecodeError) as error:
        raise NoSuchArray(f"it is cut, damaged, or no MATLAB file ({error})") from error


def _array(content: memoryview, name: str, shape: tuple[int, ...]) -> np.ndarray:
    order = {b"IM": "<", b"MI": ">"}.get(bytes(content[_HEADER - 2 : _HEADER]))
    if order is None:
        raise NoSuchArray("it is cut, damaged, or no MATLAB file of version 5 to 7.2 (its header is not one)")
    announced = []
    place = _HEADER
    while place < len(content):
        kind, length = struct.unpack_from(f"{order}II", content, place)
        element = content[place + 8 : place + 8 + length]
        if len(element) != length:
            raise NoSuchArray(f"it is cut: an array of {length:,} bytes begins where {len(element):,} are left")
        if kind in (_COMPRESSED, _MATRIX):
            # An array under compression has its tag with it, another stands behind it.
            array = _announced(_unpacked(element, _ENOUGH)[8:] if kind == _COMPRESSED else bytes(element[:_ENOUGH]), order)
            if (array.name, array.kind, array.shape) == (name, "uint8", shape):
                end = array.begin + math.prod(shape)
                whole = _unpacked(element, 8 + end + 8, to_the_end=True)[8:] if kind == _COMPRESSED else element
                if array.length != math.prod(shape) or len(whole) < end:
                    raise NoSuchArray(f"its array {name} ends early")
                return np.frombuffer(whole, np.uint8, math.prod(shape), array.begin).reshape(shape, order="F")
            announced.append(str(array))
        place += 8 + length
    raise NoSuchArray(f"it holds {', '.join(announced) or 'nothing'}, not {name} {list(shape)} uint8")


def _unpacked(element: memoryview, most: int, to_the_end: bool = False) -> bytes:
    """The first `most` bytes of a compressed element; with `to_the_end` it must have no more, and its checksum must be right."""
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(element, most)
    if to_the_end and not unpacker.eof:
        unpacker.decompress(unpacker.unconsumed_tail, 1)
        if not unpacker.eof:
            raise NoSuchArray("it is damaged: an array under compression does not end where it should")
    return content


def _announced(head: bytes, order: str) -> _Announced:
    """What stands before the numbers of an array: flags, shape, name, and the tag of the numbers."""
    flags, place = _part(head, 0, order)
    dimensions, place = _part(head, place, order)
    name, place = _part(head, place, order)
    class_ = struct.unpack_from(f"{order}I", flags)[0] & 0xFF
    shape = struct.unpack(f"{order}{len(dimensions) // 4}i", dimensions)
    stored, length = struct.unpack_from(f"{order}II", head, place)
    kind = _CLASSES.get(class_, f"class {class_}")
    if kind == "uint8" and stored != _UINT8:
        kind = f"uint8 stored as type {stored}"
    return _Announced(name.decode("ascii"), kind, shape, place + 8, length)


def _part(head: bytes, place: int, order: str) -> tuple[bytes, int]:
    """The part of an array at `place`, and where the next begins. One of at most four bytes stands within its tag."""
    (word,) = struct.unpack_from(f"{order}I", head, place)
    if word >> 16:
        return head[place + 4 : place + 4 + min(word >> 16, 4)], place + 8
    (length,) = struct.unpack_from(f"{order}I", head, place + 4)
    return head[place + 8 : place + 8 + length], place + 8 + -(-length // 8) * 8

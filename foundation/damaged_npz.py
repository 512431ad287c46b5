"""What a cut, damaged or foreign npz raises when it is read: zipfile, its decompressors and numpy's header reader have their own each."""

from __future__ import annotations

import lzma
import struct
import tokenize
import zipfile
import zlib

DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,  # numpy reads the headers of Python 2 with it
    SyntaxError,
    OSError,
    EOFError,
    ValueError,
    TypeError,  # a header of an array that is none
    AttributeError,  # no archive, but a single array
    KeyError,
    OverflowError,
    MemoryError,
    RuntimeError,  # encrypted, or compressed in a way that zipfile does not know
)

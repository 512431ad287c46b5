"""The reader of pickled arrays: honest arrays come out as they went in, everything else is refused and nothing of it runs."""

import builtins
import io
import os
import pickle  # noqa: TID251 - writes what an attacker would write; nothing here is loaded by it
import tracemalloc

import numpy as np
import pytest

from datasets.sequences.restricted_pickle import Refused, kept_arrays
from foundation.randomness import stream


def listed(arrays):
    result = np.empty(len(arrays), dtype=object)
    result[:] = arrays
    return result


def read(program):
    return kept_arrays(io.BytesIO(program), np.array)


def faces(lengths=(3, 1, 5)):
    return [stream(0, "faces", t).integers(0, 256, (t, 112, 112, 3), dtype=np.uint8) for t in lengths]


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("order", [np.ascontiguousarray, np.asfortranarray], ids=["C", "Fortran"])
def test_arrays_of_bytes_are_read_as_they_were_written(protocol, order):
    frames = [order(face) for face in faces()]
    for seen, written in zip(read(pickle.dumps(listed(frames), protocol)), frames, strict=True):
        assert np.array_equal(seen, written)


def test_more_arrays_than_a_batch_of_the_pickler_and_arrays_that_stand_twice():
    arrays = [np.array([number % 256], np.uint8) for number in range(2500)]
    arrays[7] = arrays[2400]
    assert [int(array[0]) for array in read(pickle.dumps(listed(arrays), 4))] == [int(array[0]) for array in arrays]


def test_text_of_python_2_is_bytes():
    shell = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR".replace(b"(I0\nt", b"K\x00\x85")
    kind = b"(cnumpy\ndtype\n(U\x02u1K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"[1:]
    objects = b"cnumpy\ndtype\n(U\x02O8K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ftb"
    inner = shell + b"(K\x01K\x02\x85" + kind + b"\x89U\x02\x00\xfftb"
    program = b"\x80\x02" + shell + b"(K\x01K\x01\x85" + objects + b"\x89](" + inner + b"etb."
    assert np.array_equal(read(program)[0], [0, 255])


class Payload:
    """Unpickled, it would call `function`."""

    def __init__(self, function, *given, state=None):
        self.call = (function, given) if state is None else (function, given, state)

    def __reduce__(self):
        return self.call


class Plain:
    """Unpickled, its attributes would be set by the file."""


PAYLOADS = {
    "a command": Payload(os.system, "touch executed"),
    "an expression": Payload(eval, "open('executed', 'w')"),
    "a statement": Payload(exec, "open('executed', 'w')"),
    "a file": Payload(open, "executed", "w"),
    "an attribute": Payload(getattr, Payload(__import__, "os"), "mkdir"),
    "a call in a call": Payload(list, Payload(map, Payload(getattr, Payload(__import__, "os"), "mkdir"), ["executed"])),
    "an array made by a payload": Payload(np.array, Payload(os.system, "touch executed")),
    "an import": Payload(__import__, "antigravity"),
    "a saved array": Payload(np.save, "executed", 0),
    "an object with attributes": Plain(),
    "a class": Plain,
    "a dictionary": {"a": 1},
    "a set": {1},
    "a number": 1.5,
    "text": "executed",
    "a complex number": 1j,
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_payload_is_refused_and_not_executed(payload, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for program in (pickle.dumps(payload, protocol), pickle.dumps(listed([faces((1,))[0], payload]), protocol)):
        with pytest.raises(Refused):
            read(program)
    assert not os.listdir(tmp_path)


TRICKS = {
    "builtins": b"cbuiltins\neval\n(V1\ntR.",
    "a dotted name": b"\x80\x04\x8c\x05numpy\x8c\x0fndarray.__new__\x93.",
    "a name put together": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.",
    "numpy, but no array": b"cnumpy\nload\n(V/etc/passwd\ntR.",
    "a module with a space": b"\x80\x04\x8c\x05numpy\x8c\x0bdtype eval(\x93.",
    "attributes set on a dictionary": b"\x80\x02}(U\x0b__builtins__K\x01ub.",
    "a state for a list": b"\x80\x02](K\x01eN\x85b.",
    "a state for a known name": b"cnumpy\nndarray\n(K\x01K\x01\x85N\x89]tb.",
    "a call of an array": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87RK\x01\x85R.",
    "a call of ndarray": b"cnumpy\nndarray\n(K\x01tR.",
    "another class to reconstruct": b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\nK\x00\x85U\x01btR.",
    "inst": b"(V1\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nV1\no.",
    "newobj": b"\x80\x02cnumpy\nndarray\n)\x81.",
    "an extension": b"\x80\x02\x82\x01.",
    "a persistent name": b"Pname\n.",
    "a slot never filled": b"\x80\x02h\x09.",
    "a mark never set": b"\x80\x02t.",
    "an empty stack": b"\x80\x02\x87.",
    "nothing": b".",
    "out of band": b"\x80\x05\x97.",
}


@pytest.mark.parametrize("program", TRICKS.values(), ids=TRICKS)
def test_tricks_of_the_stack_machine_are_refused(program):
    with pytest.raises(Refused):
        read(program)


def test_nothing_is_looked_up(monkeypatch):
    def forbidden(*names, **more):
        raise AssertionError(f"looked up {names}")

    program = pickle.dumps(Payload(os.system, "true"), 4)
    monkeypatch.setattr(builtins, "__import__", forbidden)
    with pytest.raises(Refused, match="system"):
        read(program)


@pytest.mark.parametrize("kind", [np.float32, np.int64, "U3", object, [("a", "u1")], bool])
def test_arrays_of_other_types_are_refused(kind):
    with pytest.raises(Refused):
        read(pickle.dumps(listed([np.zeros((2, 2), kind)]), 4))


def test_an_array_whose_shape_is_not_that_of_its_bytes_is_refused():
    program = pickle.dumps(listed([np.zeros(7, np.uint8)]), 4)
    with pytest.raises(Refused, match="7 bytes"):
        read(program.replace(b"K\x01K\x07\x85", b"K\x01K\x09\x85"))


@pytest.mark.parametrize("end", [0, 1, 50, 200, -1])
def test_a_cut_program_is_an_error(end):
    with pytest.raises(ValueError):
        read(pickle.dumps(listed(faces((2,))), 4)[:end])


def test_a_file_that_announces_more_than_memory_holds_is_refused():
    for length in (b"\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x01\x00\x00\x40\x00\x00\x00\x00"):
        with pytest.raises(Refused, match="a buffer of"):
            read(b"\x80\x04\x8e" + length + b"abc")


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_one_array_is_held_at_a_time(protocol):
    program = io.BytesIO(pickle.dumps(listed([np.zeros(2_000_000, np.uint8) for _ in range(20)]), protocol))
    tracemalloc.start()
    assert kept_arrays(program, len) == [2_000_000] * 20
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 9_000_000

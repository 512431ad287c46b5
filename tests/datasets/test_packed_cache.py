"""Packed arrays: built once, shared, rebuilt where damaged, and kept in memory where there is no place for them."""

import errno
import multiprocessing
import os
import time

import numpy as np
import pytest

from datasets import packed_cache
from datasets.packed_cache import cache_folder, packed_array
from foundation.errors import UserError

SHAPE = (50, 16)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(packed_cache, "_in_memory", {})
    return tmp_path / "cache"


class Builder:
    """Counts how often it is asked to fill the array."""

    def __init__(self):
        self.calls = 0

    def __call__(self, array):
        self.calls += 1
        array[:] = np.arange(array.size, dtype=np.uint8).reshape(array.shape)


EXPECTED = np.arange(800, dtype=np.uint8).reshape(SHAPE)


def only_file(folder):
    (path,) = folder.glob("*.npy")
    return path


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("FOVEA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "fovea"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "fovea"


def test_an_array_is_built_once_and_mapped_afterwards(folder):
    build = Builder()
    for _ in range(3):
        array = packed_array("toy", "constants", SHAPE, build)
        assert np.array_equal(array, EXPECTED)
        assert not array.flags.writeable
    assert build.calls == 1
    assert [path.suffix for path in sorted(folder.iterdir())] == [".lock", ".npy"]


def test_other_origins_and_other_shapes_have_files_of_their_own(folder):
    build = Builder()
    packed_array("toy", "constants", SHAPE, build)
    packed_array("toy", "other constants", SHAPE, build)
    packed_array("toy", "constants", (16, 50), build)
    packed_array("toy", "constants", SHAPE, build, np.uint16)
    assert build.calls == 4
    assert len(list(folder.glob("*.npy"))) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:60]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
        lambda path: path.write_text("<html>"),
        lambda path: np.save(path, np.zeros((3, 3))),
    ],
)
def test_a_damaged_file_is_built_again(folder, damage):
    build = Builder()
    packed_array("toy", "constants", SHAPE, build)
    damage(only_file(folder))
    assert np.array_equal(packed_array("toy", "constants", SHAPE, build), EXPECTED)
    assert build.calls == 2
    assert np.array_equal(np.load(only_file(folder)), EXPECTED)


def test_a_builder_that_fails_leaves_nothing(folder):
    def fail(array):
        array[:10] = 1
        raise UserError("the source is damaged")

    with pytest.raises(UserError, match="the source is damaged"):
        packed_array("toy", "constants", SHAPE, fail)
    assert not [path for path in folder.iterdir() if path.suffix != ".lock"]
    assert np.array_equal(packed_array("toy", "constants", SHAPE, Builder()), EXPECTED)


def test_what_a_killed_builder_left_is_removed(folder):
    packed_array("toy", "constants", SHAPE, Builder())
    name = only_file(folder).name
    only_file(folder).unlink()
    (folder / f".{name}.abc.tmp.npy").write_bytes(b"half")
    packed_array("toy", "constants", SHAPE, Builder())
    assert sorted(path.name for path in folder.iterdir()) == sorted([name, name.replace(".npy", ".lock")])


def test_without_a_folder_the_array_is_in_memory_once_and_it_is_said_once(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "file" / "cache"))
    build = Builder()
    first = packed_array("toy", "constants", SHAPE, build)
    second = packed_array("toy", "constants", SHAPE, build)
    (said,) = caplog.messages
    assert "kept in memory" in said and str(tmp_path / "file") in said and "\n" not in said
    assert first is second and build.calls == 1
    assert np.array_equal(first, EXPECTED) and not first.flags.writeable


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_keeps_the_array_in_memory(folder, caplog):
    folder.mkdir()
    folder.chmod(0o555)
    assert np.array_equal(packed_array("toy", "constants", SHAPE, Builder()), EXPECTED)
    folder.chmod(0o755)
    assert "Permission denied" in caplog.text


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="space cannot be set aside here")
def test_a_full_disk_keeps_the_array_in_memory(folder, monkeypatch, caplog):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert np.array_equal(packed_array("toy", "constants", SHAPE, Builder()), EXPECTED)
    assert "No space left" in caplog.text
    assert not list(folder.glob("*.npy")) and not list(folder.glob(".*.npy"))


def _build_slowly(log, results):
    def fill(array):
        with open(log, "a") as file:
            file.write("built\n")
        array[:25] = EXPECTED[:25]
        time.sleep(0.3)
        array[25:] = EXPECTED[25:]

    results.put(bool(np.array_equal(packed_array("toy", "constants", SHAPE, fill), EXPECTED)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_processes_that_want_the_same_array_build_it_once(tmp_path):
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    children = [context.Process(target=_build_slowly, args=(tmp_path / "log", results), daemon=True) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert [child.exitcode for child in children] == [0] * 4
    assert all(results.get() for _ in children)
    assert (tmp_path / "log").read_text() == "built\n"

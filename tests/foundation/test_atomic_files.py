"""Files are whole or not there."""

import os
import stat

import pytest

from foundation.atomic_files import atomic_open, atomic_path, write_text
from foundation.errors import UserError


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with atomic_open(path) as file:
        file.write("half")
        assert not path.exists()
    assert path.read_text() == "half"


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), atomic_open(path) as file:
        file.write("new")
        raise ZeroDivisionError
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "file.txt", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file.txt").stat().st_mode) == 0o640


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write .*; free some space or choose another place"):
        write_text(tmp_path / "file" / "below.txt", "text")


def test_an_error_of_the_disk_while_writing_is_one_line(tmp_path):
    with pytest.raises(UserError, match="No space left"), atomic_path(tmp_path / "file"):
        raise OSError(28, "No space left on device")

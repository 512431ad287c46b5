"""One file from mirrors with faults: gone, cut, a web page, another file, no room."""

import builtins
import errno
import hashlib

import pytest

from datasets.preparation import transfer
from datasets.preparation.download import download
from foundation.errors import UserError
from foundation.randomness import stream
from tests.mirror import Mirror, serving

CONTENT = stream(0, "file").bytes(3_000_000)
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(transfer, "PAUSE", 0.0)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "set.npz"


@pytest.fixture
def said():
    return []


def bring(mirrors, target, said, hash_=MD5, **more):
    return download([f"{mirror.address}/set.npz" for mirror in mirrors], target, hash_, said.append, "https://publisher", **more)


def nothing_is_left(target):
    return not list(target.parent.iterdir())


def test_a_file_comes_whole_with_its_hash(target, said):
    with serving(Mirror({"/set.npz": CONTENT})) as mirror:
        brought = bring([mirror], target, said)
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["set.npz"]
    assert brought.as_published and brought.sha256 == hashlib.sha256(CONTENT).hexdigest() and brought.bytes_ == len(CONTENT)
    assert brought.address == f"{mirror.address}/set.npz"


def test_where_the_first_mirror_has_nothing_the_second_is_used(target, said):
    with serving(Mirror({})) as gone, serving(Mirror({"/set.npz": CONTENT})) as mirror:
        assert bring([gone, mirror], target, said).address.startswith(mirror.address)
    assert target.read_bytes() == CONTENT and any("404" in line for line in said)


@pytest.mark.parametrize(
    "fault",
    [
        Mirror({"/set.npz": b"\n <!DOCTYPE html><html>sign in</html>"}),
        Mirror({"/set.npz": b"please wait"}, kind="text/html; charset=utf-8"),
        Mirror({"/set.npz": CONTENT[::-1]}),
        Mirror({"/set.npz": b""}),
    ],
    ids=["page", "page by its type", "another file", "empty"],
)
def test_what_is_not_the_file_is_passed_over(target, said, fault):
    with serving(fault), serving(Mirror({"/set.npz": CONTENT})) as mirror:
        assert bring([fault, mirror], target, said).address.startswith(mirror.address)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Mirror({}), "404 Not Found"),
        (Mirror({"/set.npz": b"<html>quota exceeded</html>"}), "a web page, not with the file"),
        (Mirror({"/set.npz": CONTENT[::-1]}), f"not the published {MD5[4:]}"),
    ],
)
def test_where_no_mirror_has_it_one_line_says_so_and_nothing_is_left(target, said, fault, says):
    with serving(fault), pytest.raises(UserError, match="cannot fetch set.npz") as raised:
        bring([fault], target, said)
    message = str(raised.value)
    assert says in message and "127.0.0.1" in message and "https://publisher" in message and str(target) in message
    assert "\n" not in message and nothing_is_left(target)


def test_without_a_network_one_line_says_so(target, said):
    with serving(Mirror({})) as mirror:
        pass  # its port is closed by now
    with pytest.raises(UserError, match="no connection"):
        bring([mirror], target, said)
    assert nothing_is_left(target)


@pytest.mark.parametrize("tag", ['"version 1"', None])
def test_a_cut_transfer_goes_on_where_it_stopped(target, said, tag):
    with serving(Mirror({"/set.npz": CONTENT}, cut=[1_000_000, 500_000], tag=tag)) as mirror:
        bring([mirror], target, said)
    assert target.read_bytes() == CONTENT
    ranges = [wanted for _, wanted in mirror.asked]
    if tag:
        assert ranges == [None, "bytes=1000000-", "bytes=1500000-"]
    assert sum("cut" in line for line in said) == 2


def test_a_server_without_ranges_sends_it_again(target, said):
    with serving(Mirror({"/set.npz": CONTENT}, cut=[1_000_000], ranges=False)) as mirror:
        bring([mirror], target, said)
    assert target.read_bytes() == CONTENT


def test_another_run_goes_on_with_what_the_first_left(target, said, monkeypatch):
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    with serving(Mirror({"/set.npz": CONTENT}, cut=[2_000_000])) as mirror:
        with pytest.raises(UserError, match="2.0 MB of it are kept, the same command goes on"):
            bring([mirror], target, said)
        assert not target.exists()
        bring([mirror], target, said)
    assert target.read_bytes() == CONTENT and mirror.asked[-1][1] == "bytes=2000000-"
    assert [path.name for path in target.parent.iterdir()] == ["set.npz"]


def test_a_file_that_changed_on_the_server_begins_anew(target, said, monkeypatch):
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    with serving(Mirror({"/set.npz": b"x" * 9000}, cut=[5000])) as mirror:
        with pytest.raises(UserError):
            bring([mirror], target, said, hash_=None)
        mirror.files["/set.npz"], mirror.tag = CONTENT, '"version 2"'
        bring([mirror], target, said, hash_=None)
    assert target.read_bytes() == CONTENT


def test_a_whole_part_is_not_asked_for_again(target, said):
    with serving(Mirror({"/set.npz": CONTENT})) as mirror:
        bring([mirror], target, said)
        target.rename(transfer.part_of(target))
        transfer.note_of(target).write_text(f'{{"address": "{mirror.address}/set.npz", "validator": null}}')
        bring([mirror], target, said)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("note", ["", "no json", "[1]", '{"address": 3}'])
def test_a_part_that_nobody_knows_is_not_gone_on_from(target, said, note):
    transfer.part_of(target).write_bytes(b"junk")
    transfer.note_of(target).write_text(note)
    with serving(Mirror({"/set.npz": CONTENT})) as mirror:
        bring([mirror], target, said)
    assert target.read_bytes() == CONTENT and mirror.asked == [("/set.npz", None)]


def test_without_a_known_hash_it_is_only_recorded(target, said):
    with serving(Mirror({"/set.npz": CONTENT})) as mirror:
        brought = bring([mirror], target, said, hash_=None)
    assert not brought.as_published and brought.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_another_edition_is_taken_on_demand(target, said):
    with serving(Mirror({"/set.npz": CONTENT[::-1]})) as mirror:
        assert not bring([mirror], target, said, any_hash=True).as_published
    assert target.read_bytes() == CONTENT[::-1]


class FullDisk:
    """A file that takes `room` bytes and then says that the disk is full."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, piece):
        self.room -= len(piece)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.file.write(piece)


def test_a_disk_that_fills_up_ends_in_one_line(target, said, monkeypatch):
    real = builtins.open
    monkeypatch.setattr(transfer, "open", lambda path, mode: FullDisk(real(path, mode), 1_500_000), raising=False)
    with (
        serving(Mirror({"/set.npz": CONTENT})) as mirror,
        pytest.raises(UserError, match="No space left on device.*free some space") as raised,
    ):
        bring([mirror], target, said)
    assert "\n" not in str(raised.value) and nothing_is_left(target)


def test_a_disk_without_room_is_noticed_before_anything_comes(target, said, monkeypatch):
    monkeypatch.setattr(transfer.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with serving(Mirror({"/set.npz": CONTENT})) as mirror, pytest.raises(UserError, match="no room for set.npz: it needs 3.0 MB"):
        bring([mirror], target, said)
    assert nothing_is_left(target)

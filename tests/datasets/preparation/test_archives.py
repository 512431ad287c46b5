"""Archives of every kind of malice: nothing is written outside, no links, no bombs, no half of one."""

import gzip
import io
import stat
import tarfile
import zipfile

import pytest

from datasets.preparation.archives import gunzip, unpack
from foundation.errors import UserError

ROOM = 10**6


def tar_of(path, members, mode="w:gz"):
    """`members`: (name, content), or a TarInfo."""
    with tarfile.open(path, mode) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                entry = tarfile.TarInfo(member[0])
                entry.size = len(member[1])
                tar.addfile(entry, io.BytesIO(member[1]))
    return path


def zip_of(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def special(name, kind, target=""):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_unpacked_from_the_folder_that_is_wanted(tmp_path, mode):
    folder = tarfile.TarInfo("data/cars/sub")
    folder.type = tarfile.DIRTYPE
    members = [("./data/cars/list.txt", b"list"), folder, ("data/cars/sub/a.mat", b"a"), ("data/sprites/b.mat", b"b"), ("readme", b"c")]
    unpack(tar_of(tmp_path / "a.tar", members, mode), "data/cars", tmp_path / "cars", ROOM)
    assert contents(tmp_path / "cars") == {"list.txt": b"list", "sub/a.mat": b"a"}


@pytest.mark.parametrize(("inside", "expected"), [("coil-100", {"a.png": b"a"}), ("", {"coil-100/a.png": b"a", "readme": b"r"})])
def test_a_zip_is_unpacked(tmp_path, inside, expected):
    unpack(zip_of(tmp_path / "a.zip", [("coil-100/", b""), ("coil-100/a.png", b"a"), ("readme", b"r")]), inside, tmp_path / "out", ROOM)
    assert contents(tmp_path / "out") == expected


OUTSIDE = ["../evil", "/tmp/fovea-evil", "in/../../evil", "in\\..\\..\\evil", "C:/evil", "in/a\\b"]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_path_that_leads_out_is_refused(tmp_path, name, kind):
    (tmp_path / "deep").mkdir()
    made = (tar_of if kind == "tar" else zip_of)(tmp_path / f"deep/a.{kind}", [("in/good", b"good"), (name, b"evil")])
    refused(made, tmp_path / "deep/out", "leads out of the folder")
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize(
    "member",
    [
        special("in/link", tarfile.SYMTYPE, "/etc"),
        special("in/link", tarfile.SYMTYPE, ".."),
        special("in/link", tarfile.SYMTYPE, "good"),
        special("in/link", tarfile.LNKTYPE, "../../secret"),
        special("in/link", tarfile.LNKTYPE, "in/good"),
        special("in/device", tarfile.CHRTYPE),
        special("in/pipe", tarfile.FIFOTYPE),
    ],
    ids=["absolute", "upwards", "inside", "hard outside", "hard inside", "device", "pipe"],
)
def test_links_and_devices_are_refused(tmp_path, member):
    made = tar_of(tmp_path / "a.tar", [("in/good", b"good"), member, ("in/link/passwd", b"evil")])
    refused(made, tmp_path / "out", "link or a device")
    assert not (tmp_path / "out/link").exists() and not (tmp_path / "out/link").is_symlink()


def test_a_link_in_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        entry = zipfile.ZipInfo("in/link")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        file.writestr(entry, "/etc")
    refused(tmp_path / "a.zip", tmp_path / "out", "is a link")


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_bomb_is_refused(tmp_path, kind):
    made = (tar_of if kind == "tar" else zip_of)(tmp_path / f"a.{kind}", [("in/a", bytes(700_000)), ("in/b", bytes(700_000))])
    refused(made, tmp_path / "out", "more than 1.0 MB")
    assert sum(map(len, contents(tmp_path / "out").values())) <= ROOM + 2**20


@pytest.mark.parametrize("kind", ["tar", "zip"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(tmp_path, kind):
    refused((tar_of if kind == "tar" else zip_of)(tmp_path / f"a.{kind}", [("in/a", b"1"), ("in/a", b"2")]), tmp_path / "out", "twice")


@pytest.mark.parametrize("kind", ["tar", "zip"])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_cut_archive_is_damaged(tmp_path, kind, part):
    members = [(f"in/{i}", bytes(range(256)) * 40 + bytes([i])) for i in range(50)]
    made = (tar_of if kind == "tar" else zip_of)(tmp_path / f"a.{kind}", members)
    made.write_bytes(made.read_bytes()[: int(made.stat().st_size * part)])
    refused(made, tmp_path / "out", "cut or damaged")


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", bytes(5000)])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "a.tar").write_bytes(content)
    refused(tmp_path / "a.tar", tmp_path / "out", "cut or damaged|nothing under")


def test_another_archive_is_refused(tmp_path):
    refused(zip_of(tmp_path / "a.zip", [("other/a", b"a")]), tmp_path / "out", "nothing under in")


def test_one_file_under_gzip(tmp_path):
    (tmp_path / "a.mat.gz").write_bytes(gzip.compress(bytes(5000)))
    gunzip(tmp_path / "a.mat.gz", tmp_path / "deep/a.mat", ROOM)
    assert (tmp_path / "deep/a.mat").read_bytes() == bytes(5000)
    with pytest.raises(UserError, match="more than 1.0 kB"):
        gunzip(tmp_path / "a.mat.gz", tmp_path / "b.mat", 1000)
    (tmp_path / "a.mat.gz").write_bytes(gzip.compress(bytes(range(256)) * 20)[:50])
    with pytest.raises(UserError, match="cut or damaged"):
        gunzip(tmp_path / "a.mat.gz", tmp_path / "c.mat", ROOM)


def refused(archive, folder, match):
    with pytest.raises(UserError, match=match) as raised:
        unpack(archive, "in", folder, ROOM)
    assert "\n" not in str(raised.value) and str(archive) in str(raised.value)

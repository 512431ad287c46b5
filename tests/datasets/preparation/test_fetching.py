"""Whole sets, fetched from a server here and proved by their own loader, on the small grid of a real file format."""

import dataclasses
import gzip
import hashlib
import io
import json
import os
import zipfile

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.images import dsprites_file
from datasets.preparation import fetching, transfer
from datasets.preparation.catalogue import PublishedFile, PublishedSet
from datasets.preparation.fetching import fetch
from datasets.preparation.records import read_record, record_path
from datasets.preparation.verification import verify
from foundation.errors import UserError
from foundation.randomness import stream
from tests.mirror import Mirror, serving

SPACE = FactorSpace(dsprites_file.FRAME_SPACE.names, (1, 3, 2, 5, 4, 4), dsprites_file.FRAME_SPACE.kinds)
NAME = dsprites_file.FILE_NAME


@pytest.fixture(autouse=True)
def small_grid(monkeypatch):
    monkeypatch.setattr(dsprites_file, "FRAME_SPACE", SPACE)
    monkeypatch.setattr(transfer, "PAUSE", 0.0)


def npz(classes=None):
    """A small dSprites file as bytes."""
    classes = GridTable(SPACE)[np.arange(480)] if classes is None else classes
    buffer = io.BytesIO()
    np.savez_compressed(buffer, imgs=stream(0, "images").integers(0, 2, (480, 64, 64), dtype=np.uint8), latents_classes=classes)
    return buffer.getvalue()


CONTENT = npz()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def described(mirror=None, name=NAME, hash_=None, **more):
    mirrors = (f"{mirror.address}/{name}",) if mirror else ()
    file = PublishedFile(name=name, places=(f"dsprites/{NAME}", NAME), bytes_=len(CONTENT), mirrors=mirrors, hash_=hash_, **more)
    return PublishedSet("dsprites", "https://publisher", "free", (file,), "datasets.images.dsprites_file", by_hand="sign the form")


def md5(content):
    return f"md5:{hashlib.md5(content).hexdigest()}"


def tree(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


IN_PLACE = ["dsprites", f"dsprites/{NAME}", "fetched", "fetched/dsprites.json"]


@pytest.mark.parametrize("known", [True, False])
def test_a_plain_file_is_fetched_recorded_and_verified(tmp_path, known):
    root, said = tmp_path / "new" / "data", []
    with serving(Mirror({f"/{NAME}": CONTENT})) as mirror:
        one = described(mirror, hash_=md5(CONTENT) if known else None)
        fetch(one, root, said.append)
        assert tree(root) == IN_PLACE
        fetch(one, root, said.append)
        assert len(mirror.asked) == 1 and "is here already" in said[-1]
    assert ("published one" if known else "no hash was confirmed") in "\n".join(said)
    record = json.loads(record_path(root, "dsprites").read_text())
    assert record["files"][NAME]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert verify(one, root, said.append) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_file_that_changed_later_is_found_out_by_its_hash(tmp_path, known):
    with serving(Mirror({f"/{NAME}": CONTENT})) as mirror:
        one = described(mirror, hash_=md5(CONTENT) if known else None)
        fetch(one, tmp_path, print)
    archive = tmp_path / "dsprites" / NAME
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("more", "x")
    (problem,) = verify(one, tmp_path, print)
    assert str(archive) in problem and ("md5" if known else "sha256") in problem
    assert verify(one, tmp_path, print, hashes=False) == []
    archive.write_bytes(CONTENT[: len(CONTENT) // 2])
    assert any("cut" in line for line in verify(one, tmp_path, print, hashes=False))


@pytest.mark.parametrize("name", ["dsprites.zip", f"{NAME}.gz"])
def test_what_is_packed_is_unpacked_and_its_archive_removed(tmp_path, name):
    content = gzip.compress(CONTENT) if name.endswith("gz") else zipped({f"top/{NAME}": CONTENT, "other": b"x"})
    with serving(Mirror({f"/{name}": content})) as mirror:
        archive = {} if name.endswith("gz") else {"inside": "top", "unpacked_to": "dsprites"}
        one = described(mirror, name, md5(content), unpacked_bytes=len(CONTENT), **archive)
        fetch(one, tmp_path, print)
    assert tree(tmp_path) == IN_PLACE
    assert verify(one, tmp_path, print) == []


def test_what_is_not_the_set_is_not_put_in_place(tmp_path):
    other = npz(GridTable(SPACE)[np.arange(480)][::-1])
    match = "not the published set.*published order.*nothing was put in place"
    with serving(Mirror({f"/{NAME}": other})) as mirror, pytest.raises(UserError, match=match) as raised:
        fetch(described(mirror), tmp_path, print)
    assert "\n" not in str(raised.value) and ".fetching" not in str(raised.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "archive",
    [zipped({f"top/{NAME}": CONTENT, "../evil": b"x"}), zipped({f"top/{NAME}": CONTENT})[:-300], zipped({"top/big": bytes(10**7)})],
    ids=["leads out", "cut", "bomb"],
)
def test_a_bad_archive_leaves_nothing(tmp_path, archive):
    root = tmp_path / "data"
    with serving(Mirror({"/dsprites.zip": archive})) as mirror:
        one = described(mirror, "dsprites.zip", inside="top", unpacked_to="dsprites", unpacked_bytes=len(CONTENT))
        with pytest.raises(UserError, match="refused|damaged"):
            fetch(one, root, print)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in root.iterdir() if path.name.startswith(".fetching")]


def test_a_set_without_an_address_says_what_to_do_and_takes_what_was_brought(tmp_path):
    said, one = [], described(hash_=md5(CONTENT))
    with pytest.raises(UserError, match="must be brought by hand"):
        fetch(one, tmp_path, said.append)
    text = "\n".join(said)
    came = tmp_path / "downloads" / NAME
    for word in ("sign the form", "https://publisher", "free", md5(CONTENT)[4:], str(came), str(tmp_path / "dsprites" / NAME)):
        assert word in text
    assert tree(tmp_path) == []
    came.parent.mkdir()
    came.write_bytes(CONTENT[:-1])
    with pytest.raises(UserError, match="has the md5"):
        fetch(one, tmp_path, said.append)
    assert came.exists()
    came.write_bytes(CONTENT)
    fetch(one, tmp_path, said.append)
    assert tree(tmp_path) == IN_PLACE and read_record(tmp_path, "dsprites")[NAME].address == "by hand"


def test_what_a_human_brought_is_kept_where_it_is_not_the_set(tmp_path):
    came = tmp_path / "downloads" / NAME
    came.parent.mkdir()
    came.write_bytes(b"something else")
    with pytest.raises(UserError, match="not the published set"):
        fetch(described(), tmp_path, print)
    assert came.read_bytes() == b"something else" and tree(tmp_path) == ["downloads", f"downloads/{NAME}"]


def test_an_archive_brought_by_hand_is_unpacked_and_kept(tmp_path):
    came = tmp_path / "downloads" / "dsprites.zip"
    came.parent.mkdir()
    came.write_bytes(zipped({f"top/{NAME}": CONTENT}))
    one = described(name="dsprites.zip", inside="top", unpacked_to="dsprites", unpacked_bytes=len(CONTENT))
    fetch(one, tmp_path, print)
    assert tree(tmp_path) == sorted([*IN_PLACE, "downloads", "downloads/dsprites.zip"])


def test_a_folder_with_other_things_is_added_to_and_never_overwritten(tmp_path):
    content = zipped({f"top/{NAME}": CONTENT})
    (tmp_path / "dsprites" / "augmented").mkdir(parents=True)
    with serving(Mirror({"/dsprites.zip": content})) as mirror:
        fetch(described(mirror, "dsprites.zip", inside="top", unpacked_to="dsprites"), tmp_path, print)
        assert tree(tmp_path) == sorted([*IN_PLACE, "dsprites/augmented"])
        (tmp_path / "dsprites" / NAME).rename(tmp_path / "elsewhere")
        (tmp_path / "dsprites" / "notes").write_text("mine")
        mirror.files["/dsprites.zip"] = zipped({f"top/{NAME}": CONTENT, "top/notes": "theirs"})
        with pytest.raises(UserError, match="notes is there already"):
            fetch(described(mirror, "dsprites.zip", inside="top", unpacked_to="dsprites"), tmp_path, print)
    assert (tmp_path / "dsprites" / "notes").read_text() == "mine" and not (tmp_path / "dsprites" / NAME).exists()


def test_only_what_is_missing_is_fetched(tmp_path):
    other = PublishedFile("notes.txt", ("dsprites/notes.txt",), 5)
    with serving(Mirror({f"/{NAME}": CONTENT, "/notes.txt": b"notes"})) as mirror:
        one = described(mirror)
        both = dataclasses.replace(one, files=(*one.files, dataclasses.replace(other, mirrors=(f"{mirror.address}/notes.txt",))))
        fetch(one, tmp_path, print)
        fetch(both, tmp_path, print)
        assert [path for path, _ in mirror.asked] == [f"/{NAME}", "/notes.txt"]
    assert set(read_record(tmp_path, "dsprites")) == {NAME, "notes.txt"}
    (tmp_path / "dsprites" / "notes.txt").unlink()
    assert "there is no dsprites/notes.txt" in verify(both, tmp_path, print)


def test_another_edition_is_taken_on_demand_and_verified_by_the_hash_it_had(tmp_path):
    with serving(Mirror({f"/{NAME}": CONTENT})) as mirror:
        one = described(mirror, hash_=md5(b"another"))
        fetch(one, tmp_path, print, any_hash=True)
    assert verify(one, tmp_path, print) == []
    with zipfile.ZipFile(tmp_path / "dsprites" / NAME, "a") as file:
        file.writestr("more", "x")
    assert "sha256" in verify(one, tmp_path, print)[0]


def test_what_a_killed_process_left_is_cleared(tmp_path):
    stage = tmp_path / ".fetching-dsprites"
    (stage / "deep").mkdir(parents=True)
    (stage / "deep" / "half").write_text("x")
    with serving(Mirror({f"/{NAME}": CONTENT})) as mirror:
        fetch(described(mirror), tmp_path, print)
    assert tree(tmp_path) == IN_PLACE


def test_two_processes_do_not_fetch_the_same_set(tmp_path):
    other = fetching._alone(described(), tmp_path)
    with other, serving(Mirror({f"/{NAME}": CONTENT})) as mirror, pytest.raises(UserError, match="by another process"):
        fetch(described(mirror), tmp_path, print)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    tmp_path.chmod(0o500)
    with serving(Mirror({f"/{NAME}": CONTENT})) as mirror, pytest.raises(UserError, match="cannot write"):
        fetch(described(mirror), tmp_path / "data", print)


def test_a_record_that_is_none_is_one_line(tmp_path):
    with serving(Mirror({f"/{NAME}": CONTENT})) as mirror:
        one = described(mirror)
        fetch(one, tmp_path, print)
    record_path(tmp_path, "dsprites").write_text("{}")
    with pytest.raises(UserError, match="remove it"):
        verify(one, tmp_path, print)

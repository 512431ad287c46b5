"""Arrays of an npz by rows: in order, checked to the last byte, without unpickling."""

import zipfile

import numpy as np
import pytest

from datasets.npz_rows import Unreadable, npz_rows
from foundation.randomness import stream

IMAGES = stream(0, "images").integers(0, 256, (50, 4, 4, 3), dtype=np.uint8)


@pytest.fixture(params=[np.savez, np.savez_compressed])
def path(request, tmp_path):
    request.param(tmp_path / "a.npz", images=IMAGES, labels=np.arange(50), objects=np.array([{}]), number=np.array(3))
    return tmp_path / "a.npz"


@pytest.mark.parametrize("rows", [1, 7, 50, 1000])
def test_rows_come_in_order(path, rows):
    with npz_rows(path, "images") as images:
        assert images.shape == IMAGES.shape and images.dtype == np.uint8
        chunks = list(images.chunks(rows))
    assert [start for start, _ in chunks] == list(range(0, 50, rows))
    assert np.array_equal(np.concatenate([chunk for _, chunk in chunks]), IMAGES)


def test_the_identity_follows_the_contents_and_not_the_place(path, tmp_path):
    def identity(where):
        with npz_rows(where, "images") as images:
            return images.identity

    before = identity(path)
    assert identity(path.rename(tmp_path / "b.npz")) == before
    np.savez(path, images=255 - IMAGES)
    assert identity(path) != before


@pytest.mark.parametrize("key", ["objects", "number", "absent"])
def test_arrays_that_are_no_rows_of_numbers_are_refused(path, key):
    with pytest.raises(Unreadable, match=key), npz_rows(path, key):
        pass


def test_another_shape_or_type_is_named(path):
    with npz_rows(path, "images") as images:
        images.require((50, 4, 4, 3), np.uint8)
        with pytest.raises(Unreadable, match=r"images is uint8 \[50, 4, 4, 3\], not uint8 \[50, 4, 4\]"):
            images.require((50, 4, 4), np.uint8)
        with pytest.raises(Unreadable, match="not float32"):
            images.require((50, 4, 4, 3), np.float32)


def read(path):
    with npz_rows(path, "images") as images:
        return sum(len(rows) for _, rows in images.chunks(7))


@pytest.mark.parametrize("share", [0, 0.3, 0.99])
def test_a_cut_file_is_refused(path, share):
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(Unreadable, match="cut, damaged, or no npz"):
        read(path)


def test_an_array_shorter_than_its_header_says_is_refused(path):
    with zipfile.ZipFile(path) as archive:
        content = archive.read("images.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", content[:-100])
    with pytest.raises(Unreadable, match="images ends after 47 of 50 rows"):
        read(path)


def test_a_flipped_byte_is_noticed(path):
    content = bytearray(path.read_bytes())
    content[600] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="cut, damaged"):
        read(path)


def test_damage_of_a_header_is_one_error(path):
    rng = stream(0, "damage")
    whole = path.read_bytes()
    for _ in range(300):
        content = bytearray(whole)
        content[rng.integers(300)] = rng.integers(256)
        path.write_bytes(content)
        try:
            assert read(path) <= 50
        except Unreadable:
            continue

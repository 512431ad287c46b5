"""Picture files: decoded once, in order, in threads; refused by name where one is absent, cut, foreign or far too large."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from datasets import image_files, packed_cache, packed_images
from datasets.image_files import packed_pictures, pixels, read_picture
from foundation.errors import UserError
from foundation.randomness import stream

FILES = [f"part{row % 3}/{row:03d}.png" for row in range(150)]
SHAPE = (3, 8, 8)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(packed_cache, "_in_memory", {})
    return tmp_path / "pictures"


@pytest.fixture
def images(folder):
    images = stream(0, "images").integers(0, 256, (len(FILES), 8, 8, 3), dtype=np.uint8)
    for file, image in zip(FILES, images, strict=True):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / file)
    return images


def packed(folder, preprocessing="as they are", files=FILES):
    return packed_pictures("toy", folder, files, SHAPE, preprocessing, lambda path: pixels(read_picture(path, "toy")))


def stores(tmp_path):
    return sorted((tmp_path / "cache").glob("*.npy"))


def test_pictures_are_stored_channels_first_in_the_order_of_their_names(folder, images):
    assert np.array_equal(packed(folder), images.transpose(0, 3, 1, 2))
    assert np.array_equal(packed(folder, files=FILES[::-1]), images[::-1].transpose(0, 3, 1, 2))


def test_pictures_are_decoded_once(folder, images, monkeypatch):
    first = packed(folder).copy()
    monkeypatch.setattr(image_files, "decode_pictures", lambda *_: pytest.fail("decoded again"))
    assert np.array_equal(packed(folder), first)


def test_other_preprocessing_or_another_file_means_another_store(folder, images, tmp_path):
    packed(folder)
    packed(folder, "otherwise")
    assert len(stores(tmp_path)) == 2
    Image.fromarray(255 - images[7]).save(folder / FILES[7])
    assert np.array_equal(packed(folder)[7], 255 - images[7].transpose(2, 0, 1))


def test_of_many_files_a_new_one_is_noticed_by_the_time_of_the_folder(folder, images, monkeypatch):
    monkeypatch.setattr(image_files, "_FILES_COMPARED", 20)
    packed(folder)
    Image.fromarray(255 - images[7]).save(folder / FILES[7])
    os.utime(folder)
    assert np.array_equal(packed(folder)[7], 255 - images[7].transpose(2, 0, 1))


@pytest.mark.parametrize("damage", [lambda content: content[:-100], lambda content: b"", lambda content: content[:500]])
def test_a_cut_store_is_built_again(folder, images, tmp_path, damage):
    first = packed(folder).copy()
    (path,) = stores(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert np.array_equal(packed(folder), first)


def huge_png():
    """A sound header of 100,000 x 100,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda content: content[: len(content) // 2], "cut, damaged"),
        (lambda content: b"", "cut, damaged"),
        (lambda content: b"<!DOCTYPE html><html>404</html>", "no picture"),
        (lambda content: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n", "no picture"),
        (lambda content: content[:60] + bytes(40) + content[100:], "cut, damaged"),
        (lambda content: huge_png(), "cut, damaged|pixels"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_damaged_or_foreign_file_is_named_and_nothing_stays(folder, images, tmp_path, damage, match):
    bad = folder / FILES[77]
    bad.write_bytes(damage(bad.read_bytes()))
    with pytest.raises(UserError, match=match) as raised:
        packed(folder)
    message = str(raised.value)
    assert message.startswith("toy: ") and FILES[77] in message and "\n" not in message
    assert not stores(tmp_path)


def test_a_large_picture_is_refused_before_it_is_decoded(folder, images, monkeypatch):
    monkeypatch.setattr(image_files, "MOST_PIXELS", 63)
    with pytest.raises(UserError, match="8x8 pixels"):
        read_picture(folder / FILES[0], "toy")


def test_absent_pictures_are_counted_before_any_is_decoded(folder, images, monkeypatch):
    for file in FILES[5:8]:
        (folder / file).unlink()
    monkeypatch.setattr(image_files, "decode_pictures", lambda *_: pytest.fail("decoded"))
    with pytest.raises(UserError, match=r"3 of 150 pictures are not in .*, part2/005.png first"):
        packed(folder)


def test_a_picture_keeps_its_16_bits_where_no_mode_is_asked_for(folder):
    folder.mkdir()
    depth = np.arange(64, dtype=np.uint16).reshape(8, 8) * 900
    Image.fromarray(depth).save(folder / "depth.png")
    assert np.array_equal(np.asarray(read_picture(folder / "depth.png", "toy", None)), depth)
    Image.fromarray(depth.astype(np.uint8)).save(folder / "grey.png")
    assert pixels(read_picture(folder / "grey.png", "toy", "L")).shape == (1, 8, 8)
    assert pixels(read_picture(folder / "grey.png", "toy")).shape == (3, 8, 8)


def test_a_large_store_is_not_kept_in_memory(folder, images, tmp_path, monkeypatch):
    monkeypatch.setattr(packed_images, "MOST_IN_MEMORY", 1000)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UserError, match="toy takes 0.0 GB.*set FOVEA_CACHE"):
        packed(folder)

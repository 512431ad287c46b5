"""CelebA from a folder of faces and either list of attributes: crop, values, counts, and what is said of other files."""

import numpy as np
import pytest
from PIL import Image

from datasets.images import celeba
from datasets.images.celeba import CelebA
from datasets.images.celeba_attributes import ATTRIBUTES
from foundation.errors import UserError
from foundation.randomness import stream
from tests.published_files import write_faces

FACES = 30
ROWS = np.arange(FACES)
UNUSED = stream(0, "unused")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(celeba, "ROWS", FACES)


@pytest.fixture
def attributes():
    return stream(0, "attributes").integers(0, 2, (FACES, 40))


def framed():
    """Faces of one grey each, with a white frame of 15 columns and 35 rows: outside of the middle 148 pixels."""
    pictures = np.full((FACES, 218, 178, 3), 255, np.uint8)
    pictures[:, 35:183, 15:163] = (8 * ROWS)[:, None, None, None]
    return pictures


def written(tmp_path, attributes, ending="txt", names=ATTRIBUTES):
    return write_faces(tmp_path / "data", attributes, names, framed(), ending)


def stores(tmp_path):
    """The packed faces of a cache, without the packed attributes beside them."""
    return [path for path in (tmp_path / "cache").glob("celeba-*.npy") if not path.name.startswith("celeba-attributes-")]


def opened(tmp_path, **settings):
    return CelebA(root=str(tmp_path / "data"), **settings)


@pytest.mark.parametrize("ending", ["txt", "csv"])
def test_faces_have_the_attributes_of_the_list(tmp_path, attributes, ending):
    written(tmp_path, attributes, ending)
    dataset = opened(tmp_path)
    assert dataset.factor_space.names == ATTRIBUTES and dataset.factor_space.sizes == (2,) * 40
    assert np.array_equal(dataset.factors[ROWS], attributes)
    assert dataset.factors.index_of(attributes[7]) == 7
    assert celeba.check(str(tmp_path / "data")) == []
    assert f"list_attr_celeba.{ending}" in dataset.provenance and "img_align_celeba/*.jpg" in dataset.provenance


def test_a_crop_keeps_the_middle_and_nothing_else(tmp_path, attributes):
    written(tmp_path, attributes)
    seen = opened(tmp_path).observations(ROWS, UNUSED).numpy() * 255
    assert seen.shape == (FACES, 3, 64, 64)
    assert np.abs(seen[..., 1:-1, 1:-1] - (8 * ROWS)[:, None, None, None]).max() < 4, "no frame is left, and faces are in order"
    whole = opened(tmp_path, crop=None, size=32).observations(ROWS, UNUSED).numpy() * 255
    assert whole.shape == (FACES, 3, 32, 32)
    assert whole[:, :, :4].min() > 245 and whole[:, :, :, :1].min() > 245, "the frame is there"
    wide = opened(tmp_path, crop=178).observations(ROWS, UNUSED).numpy() * 255
    assert wide[:, :, :4].min() > 245 and wide[:, :, 10, 32].max() < 245
    assert len(stores(tmp_path)) == 3


@pytest.mark.parametrize("crop", [0, -3, 179])
def test_a_crop_that_does_not_fit_is_refused(crop):
    with pytest.raises(UserError, match=f"178x218 pixels cannot be cropped to {crop}x{crop}"):
        CelebA(crop=crop)


def test_a_folder_within_a_folder_of_the_same_name_is_found(tmp_path, attributes):
    folder = written(tmp_path, attributes)
    folder.rename(tmp_path / "inner")
    folder.mkdir()
    (tmp_path / "inner").rename(folder / "img_align_celeba")
    assert opened(tmp_path).observations(ROWS, UNUSED).shape == (FACES, 3, 64, 64)


def edited(tmp_path, change, ending="txt"):
    path = tmp_path / "data" / "celeba" / f"list_attr_celeba.{ending}"
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("ending", "change", "match"),
    [
        ("txt", lambda text: text[: len(text) // 2], "its first line is not the number of its faces, 1[0-9]"),
        ("txt", lambda text: b"<!DOCTYPE html><html>quota exceeded</html>", "its first line is not the number"),
        ("txt", lambda text: b"", "its first line is not the number"),
        ("csv", lambda text: b"", "it has 0 columns and 0 faces"),
        ("csv", lambda text: b"<!DOCTYPE html>\n<html>quota exceeded</html>", "columns"),
        ("csv", lambda text: text[:-30], "000030.jpg does not have 40 values"),
        ("txt", lambda text: text.replace(b"Bald ", b"Hairless "), "40 columns .'Hairless' among them."),
        ("txt", lambda text: text.replace(b"Bald Bangs", b"Bangs Bald"), "it has 40 columns and 30 faces"),
        ("txt", lambda text: text.replace(b"000009.jpg", b"000008.jpg"), "face 9 is '000008.jpg', not 000009.jpg"),
        (
            "csv",
            lambda text: text.replace(b"000009.jpg,-1", b"000009.jpg,7").replace(b"000009.jpg,1", b"000009.jpg,7"),
            "000009.jpg does not",
        ),
        ("txt", lambda text: text.replace(b"000009.jpg ", b"000009.jpg 1 "), "000009.jpg does not have 40 values"),
    ],
)
def test_another_list_is_refused(tmp_path, attributes, ending, change, match):
    written(tmp_path, attributes, ending)
    edited(tmp_path, change, ending)
    with pytest.raises(UserError, match=match) as raised:
        len(opened(tmp_path).factors)
    assert "\n" not in str(raised.value) and f"list_attr_celeba.{ending}" in str(raised.value)
    assert not list((tmp_path / "cache").glob("*.npy"))
    assert len(celeba.check(str(tmp_path / "data"))) == 1


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda path: Image.new("RGB", (64, 64)).save(path), "000016.jpg is 64x64, not 178x218: it was resized"),
        (lambda path: path.write_bytes(path.read_bytes()[:500]), "000016.jpg is cut, damaged"),
        (lambda path: path.unlink(), "1 of 30 pictures are not in .*000016.jpg first"),
    ],
)
def test_a_face_that_is_absent_damaged_or_resized_is_named(tmp_path, attributes, damage, match, monkeypatch):
    damage(written(tmp_path, attributes) / "000016.jpg")
    with pytest.raises(UserError, match=match):
        opened(tmp_path).observations(ROWS[:2], UNUSED)
    assert not stores(tmp_path)
    monkeypatch.setattr(celeba, "_LOOKED_AT", FACES)
    (line,) = celeba.check(str(tmp_path / "data"))
    assert "000016.jpg" in line


def test_a_check_counts_the_faces(tmp_path, attributes, monkeypatch):
    written(tmp_path, attributes)
    monkeypatch.setattr(celeba, "ROWS", 202_599)
    (line,) = celeba.check(str(tmp_path / "data"))
    assert line.endswith("list_attr_celeba.txt lists 30 faces, not 202,599")


def test_both_the_faces_and_the_list_are_needed_at_once(tmp_path, attributes):
    with pytest.raises(UserError, match="no celeba/img_align_celeba under .*fetch celeba"):
        opened(tmp_path)
    written(tmp_path, attributes)
    (tmp_path / "data" / "celeba" / "list_attr_celeba.txt").unlink()
    with pytest.raises(UserError, match="no celeba/list_attr_celeba.txt under .*fetch celeba"):
        opened(tmp_path)


def test_attributes_are_parsed_once_and_again_when_the_list_changes(tmp_path, attributes):
    written(tmp_path, attributes)
    assert len(opened(tmp_path).factors) == len(opened(tmp_path).factors)
    assert len(list((tmp_path / "cache").glob("celeba-attributes-*.npy"))) == 1
    edited(tmp_path, lambda text: text.replace(b"000009.jpg -1", b"000009.jpg  1").replace(b"000008.jpg  1", b"000008.jpg -1"))
    attributes[8, 0], attributes[7, 0] = 1, 0
    assert np.array_equal(opened(tmp_path).factors[ROWS], attributes)

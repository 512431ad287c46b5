"""A folder of pictures with a CSV: the right picture for each row, classes from words and numbers, and one line for what is wrong."""

import numpy as np
import pytest
from PIL import Image

from datasets.image_folder import ImageFolder
from foundation.errors import UserError
from foundation.randomness import stream
from tests.contracts.sets.own import image_folder

UNUSED = stream(0, "unused")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def flat(folder, table, sizes=(4, 4, 4)):
    """Pictures 0.png, 1.png, ... of one grey level each: 10, 20, ..."""
    for number, size in enumerate(sizes):
        Image.fromarray(np.full((4, size, 3), 10 * (number + 1), np.uint8)).save(folder / f"{number}.png")
    (folder / "factors.csv").write_text(table)
    return str(folder)


def test_rows_are_in_the_order_of_the_table_and_words_are_classes(folder):
    dataset = ImageFolder(flat(folder, "file,word,tilt\n2.png,b,-15\n0.png,a,0.5\n1.png,b,30\n"), size=4)
    assert dataset.name == "mine" and dataset.factor_space.names == ("word", "tilt")
    assert dataset.factor_space.kinds == ("categorical", "ordinal") and dataset.factor_space.sizes == (2, 3)
    assert dataset.factors[np.arange(3)].tolist() == [[1, 0], [0, 1], [1, 2]]
    assert np.rint(dataset.observations(np.arange(3), UNUSED)[:, 0, 0, 0].numpy() * 255).tolist() == [30, 10, 20]


def test_kinds_sizes_and_channels_are_what_is_asked_for(folder):
    table = "file,year,tilt\n0.png,3,-1.5\n1.png,0,2\n2.png,1,1\n"
    dataset = ImageFolder(flat(folder, table), size=8, channels=1, kinds={"tilt": "continuous", "year": "circular"})
    assert dataset.observation_shape == (1, 8, 8) == tuple(dataset.observations(np.asarray(0), UNUSED).shape)
    assert dataset.factor_space.sizes == (4, 0) and dataset.factors[np.asarray(0)].tolist() == [3, -1.5]


def test_the_centred_square_is_taken(folder):
    picture = np.zeros((4, 12, 3), np.uint8)
    picture[:, 4:8] = 200
    Image.fromarray(picture).save(folder / "0.png")
    (folder / "factors.csv").write_text("file,k\n0.png,0\n")
    assert (np.rint(ImageFolder(str(folder), size=4).observations(np.arange(1), UNUSED).numpy() * 255) == 200).all()


def test_pictures_are_decoded_once_and_again_when_they_change(folder, monkeypatch):
    first = image_folder(folder).observations(np.arange(15), UNUSED)
    monkeypatch.setattr("datasets.image_folder.read_picture", lambda *_: pytest.fail("it was decoded again"))
    assert ImageFolder(str(folder), size=16).observations(np.arange(15), UNUSED).equal(first)
    monkeypatch.undo()
    Image.fromarray(np.zeros((50, 50, 3), np.uint8)).save(folder / "one" / "5.png")
    assert not ImageFolder(str(folder), size=16).observations(np.arange(15), UNUSED).equal(first)


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ("", "needs a header"),
        ("file\n0.png\n", "needs a header"),
        ("file,a\n", "a row for each picture"),
        ("file,a\n0.png\n", "row 2 needs 2 values"),
        ("file,a\n0.png,\n", "none of them empty"),
        ("file,a,a\n0.png,1,2\n", "stands more than once"),
        ("file,a\nnothing.png,1\n", "nothing.png first"),
        ("file,a\nfactors.csv,1\n", "no picture"),
    ],
)
def test_a_table_that_does_not_fit_is_one_line(folder, table, match):
    with pytest.raises(UserError, match=match) as raised:
        ImageFolder(flat(folder, table)).observations(np.arange(len(ImageFolder(str(folder)).factors)), UNUSED)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"table": "other.csv"}, "there is no .*other.csv"),
        ({"channels": 2}, "1 or 3 channels"),
        ({"size": 0}, "at least 1 pixel"),
        ({"kinds": {"b": "ordinal"}}, "no factor 'b'; it has a"),
        ({"kinds": {"a": "continuous"}}, "words and cannot be continuous"),
        ({"kinds": {"a": "large"}}, "cannot be large"),
    ],
)
def test_other_options_are_one_line(folder, change, match):
    flat(folder, "file,a\n0.png,x\n")
    with pytest.raises(UserError, match=match):
        len(ImageFolder(str(folder), **change).factors)


def test_a_table_that_is_no_text_is_one_line(folder):
    flat(folder, "")
    (folder / "factors.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UserError, match="as a CSV"):
        len(ImageFolder(str(folder)).factors)

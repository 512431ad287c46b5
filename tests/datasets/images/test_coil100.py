"""COIL-100 in files: photographs, augmented editions read, made and written, and what is said of damaged ones."""

import csv

import numpy as np
import pytest
from PIL import Image

from datasets.images.coil100 import Coil100, check, write_augmented
from datasets.images.coil100_augmented import Coil100Augmented
from datasets.images.coil100_checks import differing_augmented
from foundation.errors import UserError
from foundation.randomness import stream
from tests.photograph_files import turntable_photo, write_photographs


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    write_photographs(tmp_path / "coil-100" / "coil-100")
    return tmp_path


def images(dataset, indices=None):
    return dataset.observations(np.arange(len(dataset.factors)) if indices is None else indices, stream(0, "unused"))


def test_photographs_are_halved_and_poses_are_fastest(root):
    dataset = Coil100(str(root))
    assert dataset.factor_space.names == ("object", "pose") and dataset.factor_space.sizes == (2, 3)
    shown = images(dataset).numpy()
    for index, (thing, pose) in enumerate([(1, 0), (1, 5), (1, 10), (2, 0), (2, 5), (2, 10)]):
        halved = np.asarray(Image.fromarray(turntable_photo(thing, pose)).resize((64, 64), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
        assert abs(shown[index] * 255 - halved).max() <= 1.01, "Pillow rounds twice"
        assert dataset.latent_to_index(np.array([thing - 1, pose // 5])) == index


@pytest.mark.parametrize("place", ["coil-100/coil-100", "coil-100"])
def test_photographs_are_found_as_the_zip_and_as_the_released_code_lay_them(tmp_path, place):
    write_photographs(tmp_path / place, objects=(1,), poses=(0, 5))
    assert len(Coil100(str(tmp_path)).factors) == 2


def test_objects_are_ordered_by_number_not_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    write_photographs(tmp_path / "coil-100", objects=(1, 2, 10), poses=(0,))
    with_ten, without = images(Coil100(str(tmp_path))), turntable_photo(10, 0)
    assert abs(with_ten[2].mean() * 255 - without.mean()) < 0.5 < abs(with_ten[1].mean() * 255 - without.mean())


def test_a_missing_photograph_is_named(root):
    (root / "coil-100" / "coil-100" / "obj2__5.png").unlink()
    with pytest.raises(UserError, match="lacks 1 of the 2 x 3 photographs.*obj2__5.png"):
        Coil100(str(root))


@pytest.mark.parametrize("damage", ["cut", "small", "text"])
def test_a_damaged_photograph_is_named_and_leaves_no_store(root, damage):
    path = root / "coil-100" / "coil-100" / "obj2__5.png"
    if damage == "small":
        Image.fromarray(turntable_photo(2, 5, side=64)).save(path)
    else:
        path.write_bytes(path.read_bytes()[:900] if damage == "cut" else b"<html>not found</html>")
    for dataset in (Coil100(str(root)), Coil100Augmented(root=str(root)), Coil100Augmented(binary=True, root=str(root))):
        with pytest.raises(UserError, match="obj2__5.png"):
            images(dataset, np.array([0]))
    assert not list((root / "cache").glob("*.npy"))
    assert any("obj2__5.png" in line for line in check(str(root)))


def test_without_photographs_it_is_said_what_brings_them(tmp_path):
    for name, build in (("coil100", Coil100), ("coil100_augmented", lambda root: Coil100Augmented(root=root))):
        with pytest.raises(UserError, match=f"prepare_datasets.py fetch {name}`"):
            build(str(tmp_path))


@pytest.fixture
def written(root):
    return {binary: write_augmented(str(root), binary) for binary in (False, True)}


def test_written_files_have_the_published_names_sizes_and_table(written):
    for binary, folder in written.items():
        names = {path.name for path in folder.iterdir()} - {"classes.csv"}
        assert len(names) == 6 * 162 and {"obj1__0__0__1.0.png", "obj1__0__20__0.94.png", "obj2__10__340__0.5.png"} <= names
        with Image.open(folder / "obj2__5__60__0.62.png") as picture:
            assert (picture.size, picture.mode) == (((64, 64), "L") if binary else ((128, 128), "RGB"))
        with open(folder / "classes.csv", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert rows[0] == ["image", "object", "pose", "rotation", "scale"] and len(rows) == 1 + 6 * 162
        assert rows[1] == ["obj1__0__0__1.0.png", "0", "0", "0", "0"] and rows[-1] == ["obj2__10__340__0.5.png", "1", "2", "17", "8"]
        assert rows[1 + 162 + 9 * 3 + 2] == ["obj1__5__60__0.88.png", "0", "1", "3", "2"]


def test_images_made_on_the_fly_are_those_of_the_files(root, written):
    for binary in (False, True):
        made, read = (images(Coil100Augmented(binary, published=published, root=str(root))) for published in (False, True))
        assert made.shape == read.shape == (6 * 162, 3, 64, 64)
        assert abs(made - read).max() <= (0 if binary else 0.5001 / 255), "the store has 256 levels"
    packed = images(Coil100Augmented(packed=True, root=str(root)))
    assert np.array_equal(packed, images(Coil100Augmented(published=True, root=str(root))))


def test_the_augmented_folder_alone_will_do(root, written):
    expected = images(Coil100Augmented(root=str(root)))
    for path in (root / "coil-100" / "coil-100").iterdir():
        path.unlink()
    assert np.array_equal(images(Coil100Augmented(root=str(root))), expected)


def test_an_interrupted_run_goes_on_and_keeps_what_is_there(root, written):
    folder = written[False]
    kept, lost, empty = (folder / f"obj1__0__{rotation}__0.5.png" for rotation in (20, 40, 60))
    contents = {path: path.read_bytes() for path in (lost, empty)}
    before = kept.stat().st_mtime_ns
    lost.unlink()
    empty.write_bytes(b"")
    (folder / ".obj1__0__40__0.5.png.99.part").write_bytes(b"half")
    (folder / "classes.csv").unlink()
    assert write_augmented(str(root), False) == folder
    assert {path: path.read_bytes() for path in contents} == contents and kept.stat().st_mtime_ns == before
    assert (folder / "classes.csv").exists() and not list(folder.glob(".*"))


def test_the_check_knows_a_small_set_the_released_table_and_a_pixel_that_differs(root, written):
    (few,) = check(str(root))
    assert "2 objects at 3 poses" in few
    folder = written[False]
    assert differing_augmented(folder, False) == [] == differing_augmented(written[True], True)
    (folder / "classes.csv").write_text("image,object,pose\nobj1__0.png,0,0\n")
    (table,) = differing_augmented(folder, False)
    assert "names of files are read instead" in table
    assert len(Coil100Augmented(published=True, root=str(root)).factors) == 6 * 162
    (folder / "classes.csv").unlink()
    (folder / "obj1__5__20__0.81.png").unlink()
    missing, _ = differing_augmented(folder, False)
    assert "lacks 1 of 972 files, obj1__5__20__0.81.png" in missing
    Image.new("L", (64, 64), 255).save(written[True] / "obj2__10__340__0.5.png")
    (differing,) = differing_augmented(written[True], True)
    assert "obj2__10__340__0.5.png differs from what obj2__10__0__1.0.png makes" in differing


def test_a_missing_augmented_file_is_named_when_all_are_read(root, written):
    (written[False] / "obj1__5__20__0.81.png").unlink()
    with pytest.raises(UserError, match="obj1__5__20__0.81.png"):
        images(Coil100Augmented(published=True, root=str(root)), np.array([0]))


def test_masks_need_no_packing(root):
    with pytest.raises(UserError, match="leave packed out"):
        Coil100Augmented(binary=True, packed=True, root=str(root))

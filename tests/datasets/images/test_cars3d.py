"""Cars3D from MATLAB files: views and cars in their order, Lanczos, and what is said about files that are something else."""

import numpy as np
import pytest
import scipy.io
from PIL import Image

from datasets.factor_space import FactorSpace
from datasets.images import cars3d
from datasets.images.cars3d import Cars3D
from foundation.errors import UserError
from foundation.randomness import stream
from tests.published_files import factors_seen, write_cars

SPACE = FactorSpace(cars3d.SPACE.names, (2, 3, 4), cars3d.SPACE.kinds)
ROWS = np.arange(24)
UNUSED = stream(0, "unused")


@pytest.fixture(autouse=True)
def small_grid(monkeypatch, tmp_path):
    monkeypatch.setattr(cars3d, "SPACE", SPACE)
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


def opened(tmp_path):
    return Cars3D(str(tmp_path / "data"))


@pytest.fixture
def folder(tmp_path):
    return write_cars(tmp_path / "data", SPACE)


def test_pictures_show_their_factors_in_the_order_of_the_list(tmp_path, folder):
    dataset = opened(tmp_path)
    assert np.array_equal(factors_seen(dataset.observations(ROWS, UNUSED), 3), dataset.factors[ROWS])
    assert dataset.provenance == f"published files {folder}/*.mat"


def test_without_a_list_cars_are_in_the_order_of_their_names(tmp_path):
    write_cars(tmp_path / "data", SPACE, listed=False)
    dataset = opened(tmp_path)
    reversed_cars = dataset.factors[ROWS] * [1, 1, -1] + [0, 0, 3]
    assert np.array_equal(factors_seen(dataset.observations(ROWS, UNUSED), 3), reversed_cars)


def test_a_list_may_name_files_with_their_ending(tmp_path, folder):
    names = (folder / "list.txt").read_text().split()
    (folder / "list.txt").write_text("\n".join(f"{name}.mat" for name in names) + "\n\n")
    assert np.array_equal(factors_seen(opened(tmp_path).observations(ROWS, UNUSED), 3), opened(tmp_path).factors[ROWS])


def test_pictures_are_reduced_with_the_filter_of_lanczos(tmp_path, folder):
    pictures = stream(0, "pictures").integers(0, 256, (128, 128, 3, 3, 2), dtype=np.uint8)
    scipy.io.savemat(folder / "car_003_mesh.mat", {"im": pictures})
    seen = opened(tmp_path).get_img_by_latent(np.array([1, 2, 1]), UNUSED)
    expected = Image.fromarray(np.ascontiguousarray(pictures[..., 2, 1])).resize((64, 64), Image.Resampling.LANCZOS)
    assert np.array_equal((seen.numpy() * 255).round(), np.asarray(expected).transpose(2, 0, 1))


def test_a_changed_file_is_noticed_and_a_cut_store_built_again(tmp_path, folder):
    first = opened(tmp_path).images.copy()
    (store,) = (tmp_path / "cache").glob("cars3d-*.npy")
    store.write_bytes(store.read_bytes()[:-5000])
    assert np.array_equal(opened(tmp_path).images, first)
    scipy.io.savemat(folder / "car_003_mesh.mat", {"im": np.full((128, 128, 3, 3, 2), 77, np.uint8)})
    changed = opened(tmp_path).images
    assert np.all(changed[1::4] == 77) and np.array_equal(changed[::4], first[::4])


def matlab_of(**arrays):
    return lambda path: scipy.io.savemat(path, arrays)


IMAGES = np.zeros((128, 128, 3, 3, 2), np.uint8)


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "it is cut: an array"),
        (lambda path: path.write_bytes(b""), "cut, damaged"),
        (lambda path: path.write_text("<!DOCTYPE html><html>404</html>" * 20), "cut, damaged, or no MATLAB file"),
        (lambda path: path.write_bytes(path.read_bytes()[:300] + bytes(50) + path.read_bytes()[350:]), "damaged"),
        (matlab_of(mask=IMAGES[:, :, 0]), r"it holds mask \[128, 128, 3, 2\] uint8, not im \[128, 128, 3, 3, 2\]"),
        (matlab_of(im=IMAGES[:, :, :, :2]), r"im \[128, 128, 3, 2, 2\] uint8, not"),
        (matlab_of(im=IMAGES.astype(float)), "double, not"),
        (matlab_of(), "it holds nothing"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, folder, damage, match):
    damage(folder / "car_002_mesh.mat")
    with pytest.raises(UserError, match=match) as raised:
        opened(tmp_path).observations(ROWS, UNUSED)
    message = str(raised.value)
    assert message.startswith("cars3d: ") and "car_002_mesh.mat" in message and "\n" not in message
    assert not list((tmp_path / "cache").glob("*.npy"))
    (line,) = cars3d.check(str(tmp_path / "data"))
    assert "car_002_mesh.mat" in line


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda folder: (folder / "car_004_mesh.mat").unlink(), "names 1 files that are not in the folder.* car_004_mesh.mat"),
        (lambda folder: (folder / "list.txt").write_text("car_001_mesh\ncar_001_mesh\n"), "or twice"),
        (lambda folder: (folder / "list.txt").write_text("../../secret\n"), "names 1 files"),
        (lambda folder: (folder / "list.txt").write_text("car_001_mesh\n"), "has 1 cars, not 4"),
        (lambda folder: (folder / "list.txt").write_bytes(b"\xff\xfe\x00"), "cannot be read"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(tmp_path, folder, change, match):
    change(folder)
    with pytest.raises(UserError, match=match):
        opened(tmp_path).observations(ROWS, UNUSED)
    assert len(cars3d.check(str(tmp_path / "data"))) == 1


def test_the_check_finds_nothing_in_sound_files(tmp_path, folder):
    assert cars3d.check(str(tmp_path / "data")) == []
    for path in folder.glob("*.mat"):
        scipy.io.savemat(path, {"im": np.ones_like(IMAGES)})
    assert "no pixels from 0 to 255" in cars3d.check(str(tmp_path / "data"))[0]


def test_without_the_files_it_is_said_at_once(tmp_path):
    for look in (opened, lambda path: cars3d.check(str(path / "data"))):
        with pytest.raises(UserError, match=r"cars3d: there is no cars under .*fetch cars3d"):
            look(tmp_path)

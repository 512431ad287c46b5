"""The published h5 of Shapes3D, written here in its own format on a smaller grid: lazily read, copied, refused where damaged."""

import copy
import multiprocessing

import h5py
import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.images import shapes3d_file
from datasets.images.shapes3d import Shapes3D
from foundation.errors import UserError
from foundation.randomness import stream

SPACE = FactorSpace(shapes3d_file.SPACE.names, (3, 2, 2, 2, 2, 3), shapes3d_file.SPACE.kinds)
ROWS = 144
UNUSED = stream(0, "unused")


@pytest.fixture(autouse=True)
def small_grid(monkeypatch, tmp_path):
    monkeypatch.setattr(shapes3d_file, "SPACE", SPACE)
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def arrays():
    starts, steps = np.array([0, 0, 0, 0.75, 0, -30]), np.array([0.1, 0.1, 0.1, 0.07, 1, 4.3])
    labels = starts + GridTable(SPACE)[np.arange(ROWS)] * steps
    return {"images": stream(0, "images").integers(0, 256, (ROWS, 64, 64, 3), dtype=np.uint8), "labels": labels}


def written(tmp_path, arrays, folder="3dshapes", chunks=(1, 64, 64, 3)):
    path = tmp_path / "data" / folder / shapes3d_file.FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            known = name == "images" and array.shape[1:] == (64, 64, 3)
            file.create_dataset(name, data=array, chunks=chunks if known else None, compression="gzip" if known else None)
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("folder", ["3dshapes", "shapes3d", ""])
def test_images_come_in_any_order_and_repeated(tmp_path, arrays, folder, packed):
    path = written(tmp_path, arrays, folder)
    dataset = Shapes3D(root=str(tmp_path / "data"), packed=packed)
    assert dataset.provenance == f"published file {path}"
    indices = np.array([[7, 143, 7], [0, 100, 3]])
    seen = dataset.observations(indices, UNUSED)
    assert np.array_equal((seen.numpy() * 255).round(), arrays["images"][indices].transpose(0, 1, 4, 2, 3))
    assert seen.is_contiguous()
    assert dataset.observations(np.zeros((0, 2), np.int64), UNUSED).shape == (0, 2, 3, 64, 64)


def test_nothing_is_opened_before_the_first_read(tmp_path, arrays):
    path = written(tmp_path, arrays)
    dataset = Shapes3D(root=str(tmp_path / "data"), packed=False)
    path.write_text("gone")
    with pytest.raises(UserError, match="3dshapes"):
        dataset.observations(np.arange(2), UNUSED)


def _read_in_child(images, indices, results):
    results.put(int(images[indices].sum()))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_opens_the_file_itself(tmp_path, arrays):
    images = shapes3d_file.PublishedImages(written(tmp_path, arrays))
    expected = [int(images[np.arange(start, start + 30)].sum()) for start in (0, 50)]
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    for start, value in zip((0, 50), expected, strict=True):
        child = context.Process(target=_read_in_child, args=(images, np.arange(start, start + 30), results), daemon=True)
        child.start()
        child.join(30)
        assert child.exitcode == 0
        assert results.get() == value
    assert int(images[np.arange(30)].sum()) == expected[0]


def test_a_copy_for_another_process_opens_the_file_itself(tmp_path, arrays):
    written(tmp_path, arrays)
    dataset = Shapes3D(root=str(tmp_path / "data"), packed=False)
    seen = dataset.observations(np.arange(2), UNUSED)
    assert copy.deepcopy(dataset).observations(np.arange(2), UNUSED).equal(seen)


def test_a_file_of_large_chunks_is_copied_once(tmp_path, arrays):
    path = written(tmp_path, arrays, chunks=(100, 16, 16, 1))
    dataset = Shapes3D(root=str(tmp_path / "data"))
    seen = dataset.observations(np.arange(ROWS), UNUSED)
    assert np.array_equal((seen.numpy() * 255).round(), arrays["images"].transpose(0, 3, 1, 2))
    (stored,) = (tmp_path / "cache").glob("3dshapes-*.npy")
    changed = stored.stat().st_mtime_ns
    assert Shapes3D(root=str(path.parent.parent)).observations(np.arange(2), UNUSED).equal(seen[:2])
    assert stored.stat().st_mtime_ns == changed


def test_a_file_of_single_images_is_not_copied(tmp_path, arrays):
    written(tmp_path, arrays)
    Shapes3D(root=str(tmp_path / "data")).observations(np.arange(2), UNUSED)
    assert not (tmp_path / "cache").exists()


def test_without_a_place_for_the_copy_the_file_itself_is_read(tmp_path, arrays, monkeypatch, caplog):
    written(tmp_path, arrays)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "file" / "cache"))
    seen = Shapes3D(root=str(tmp_path / "data"), packed=True).observations(np.array([3]), UNUSED)
    assert "image by image" in caplog.text
    assert np.array_equal((seen[0].numpy() * 255).round(), arrays["images"][3].transpose(2, 0, 1))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "cut"),
        (lambda path: path.write_text("<!DOCTYPE html><html>404</html>"), "no HDF5 file"),
        (lambda path: path.write_bytes(b""), "no HDF5 file"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, arrays, damage, match, packed):
    damage(written(tmp_path, arrays))
    refused(tmp_path, match, packed)


@pytest.mark.parametrize(
    ("key", "change", "match"),
    [
        ("images", lambda _: None, "no images"),
        ("labels", lambda _: None, "no labels"),
        ("images", lambda images: images[:-1], "not \\[144, 64, 64, 3\\]"),
        ("images", lambda images: images.astype(np.float32), "float32"),
        ("labels", lambda labels: labels[:, :5], "labels is"),
        ("labels", lambda labels: labels[::-1], "published order"),
    ],
)
def test_other_contents_are_refused(tmp_path, arrays, key, change, match):
    changed = change(arrays.pop(key))
    written(tmp_path, arrays if changed is None else arrays | {key: changed})
    refused(tmp_path, match, False)


def refused(tmp_path, match, packed):
    with pytest.raises(UserError, match=match) as raised:
        Shapes3D(root=str(tmp_path / "data"), packed=packed).observations(np.arange(2), UNUSED)
    message = str(raised.value)
    assert "\n" not in message
    assert "3dshapes" in message and "099a2078d58cec4daad0702c55d06868" in message and "fetch" in message
    assert not list((tmp_path / "cache").glob("*.npy")), "nothing half-read may stay"

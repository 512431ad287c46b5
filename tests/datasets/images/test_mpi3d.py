"""MPI3D from npz files of both editions: sizes told by the number of images, pixels streamed, damage named."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from datasets.images import mpi3d
from datasets.images.mpi3d import MPI3D
from foundation.errors import UserError
from foundation.randomness import stream
from tests.published_files import all_factors, factors_seen, striped, write_npz

FULL, FEWER = (3, 3, 2, 3, 3, 4, 5), (2, 2, 2, 3, 3, 4, 5)
UNUSED = stream(0, "unused")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def small_grids(monkeypatch):
    monkeypatch.setattr(mpi3d, "SIZES", {"toy": (FULL, FEWER), "realistic": (FULL, FEWER), "real": (FULL,), "real_complex": (FEWER,)})
    monkeypatch.setattr(mpi3d, "CHUNK_ROWS", 100)


def written(tmp_path, sizes, place="mpi3d_toy/mpi3d_toy.npz", compressed=True):
    return write_npz(tmp_path / "data" / place, FactorSpace(mpi3d.NAMES, sizes, mpi3d.KINDS), compressed)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("sizes", [FULL, FEWER])
def test_the_number_of_images_says_the_sizes(tmp_path, small_grids, sizes, compressed):
    path = written(tmp_path, sizes, compressed=compressed)
    dataset = MPI3D(root=str(tmp_path / "data"))
    assert dataset.provenance == f"published file {path}"
    assert dataset.factor_space.sizes == sizes
    rows = np.arange(len(dataset.factors))
    assert np.array_equal(factors_seen(dataset.observations(rows, UNUSED), 7), dataset.factors[rows])
    assert mpi3d.check(str(tmp_path / "data")) == []


@pytest.mark.parametrize(
    ("edition", "place", "sizes"),
    [
        ("toy", f"mpi3d_toy/{mpi3d.CHALLENGE}", FEWER),
        ("toy", mpi3d.CHALLENGE, FEWER),
        ("realistic", "mpi3d_realistic/mpi3d_realistic.npz", FULL),
        ("real", "mpi3d_real.npz", FULL),
        ("real_complex", "mpi3d/mpi3d_real_complex.npz", FEWER),
    ],
)
def test_editions_are_found_where_they_are_put(tmp_path, small_grids, edition, place, sizes):
    written(tmp_path, sizes, place)
    dataset = MPI3D(edition, str(tmp_path / "data"))
    assert dataset.name == f"mpi3d_{edition}" and dataset.factor_space.sizes == sizes
    assert mpi3d.check(str(tmp_path / "data")) == mpi3d.check(str(tmp_path / "data"), edition) == []


def announced(path, shape, rows=100):
    """An npz whose header announces images of this shape, and that ends after some of them."""
    path.parent.mkdir(parents=True)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", header.getvalue() + bytes(rows * 64 * 64 * 3))
    return path


@pytest.mark.parametrize(
    ("edition", "images", "sizes"),
    [
        ("toy", 1_036_800, (6, 6, 2, 3, 3, 40, 40)),
        ("toy", 460_800, (4, 4, 2, 3, 3, 40, 40)),
        ("realistic", 1_036_800, (6, 6, 2, 3, 3, 40, 40)),
        ("real", 1_036_800, (6, 6, 2, 3, 3, 40, 40)),
        ("real_complex", 460_800, (4, 4, 2, 3, 3, 40, 40)),
    ],
)
def test_published_numbers_are_known_from_the_header_alone(tmp_path, edition, images, sizes):
    announced(tmp_path / "data" / f"mpi3d_{edition}.npz", (images, 64, 64, 3))
    dataset = MPI3D(edition, str(tmp_path / "data"))
    assert dataset.factor_space.sizes == sizes and len(dataset.factors) == images


@pytest.mark.parametrize(
    ("edition", "shape", "match"),
    [
        ("toy", (700_000, 64, 64, 3), r"it holds 700,000 images; expected .* N = 1,036,800 \(6, 6, .*\) or 460,800 \(4, 4, "),
        ("real", (460_800, 64, 64, 3), "it holds 460,800 images"),
        ("real_complex", (1_036_800, 64, 64, 3), "it holds 1,036,800 images"),
        ("toy", (460_800, 64, 64), r"images is uint8 \[460800, 64, 64\], not"),
        ("toy", (), "no array of plain numbers in rows"),
    ],
)
def test_other_numbers_and_shapes_are_refused(tmp_path, edition, shape, match):
    announced(tmp_path / "data" / f"mpi3d_{edition}.npz", shape)
    with pytest.raises(UserError, match=match) as raised:
        len(MPI3D(edition, str(tmp_path / "data")).factors)
    assert "\n" not in str(raised.value) and f"fetch mpi3d_{edition}" in str(raised.value)
    assert len(mpi3d.check(str(tmp_path / "data"), edition)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_text("<!DOCTYPE html><html>billing is closed</html>"),
        lambda path: path.write_bytes(path.read_bytes()[:9000] + b"?" + path.read_bytes()[9001:]),
        lambda path: np.savez(path, imgs=np.zeros((720, 64, 64, 3), np.uint8)),
        lambda path: np.savez(path, images=np.zeros((720, 64, 64, 3))),
    ],
)
def test_damaged_files_are_refused_and_leave_nothing(tmp_path, small_grids, cache, damage):
    path = written(tmp_path, FEWER)
    damage(path)
    with pytest.raises(UserError, match=r"mpi3d_toy: .*mpi3d_toy.npz is not the published file: ") as raised:
        MPI3D(root=str(tmp_path / "data")).observations(np.arange(3), UNUSED)
    assert "\n" not in str(raised.value)
    assert not list(cache.glob("*.npy"))


def test_pixels_are_streamed(tmp_path, small_grids, cache):
    written(tmp_path, FULL)
    dataset = MPI3D(root=str(tmp_path / "data"))
    tracemalloc.start()
    dataset.observations(np.arange(3), UNUSED)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(dataset.images) * 12288 > 15e6 and peak < 8e6


def test_a_store_is_used_again_wherever_the_file_is_and_built_again_where_it_is_cut(tmp_path, small_grids, cache, monkeypatch):
    path = written(tmp_path, FEWER)
    first = MPI3D(root=str(tmp_path / "data")).images.copy()
    path.rename(tmp_path / "data" / "mpi3d_toy.npz")
    monkeypatch.setattr(mpi3d, "progress", lambda *_: pytest.fail("unpacked again"))
    assert np.array_equal(MPI3D(root=str(tmp_path / "data")).images, first)
    monkeypatch.undo()
    monkeypatch.setenv("FOVEA_CACHE", str(cache))
    monkeypatch.setattr(mpi3d, "SIZES", {"toy": (FEWER,)})
    (store,) = cache.glob("mpi3d_toy-*.npy")
    store.write_bytes(store.read_bytes()[:-1])
    assert np.array_equal(MPI3D(root=str(tmp_path / "data")).images, first)


def test_an_unknown_edition_and_an_absent_file_are_refused_at_once(tmp_path):
    with pytest.raises(UserError, match="no edition 'toys'; editions are toy, realistic, real, real_complex"):
        MPI3D("toys")
    with pytest.raises(UserError, match="no mpi3d_real/mpi3d_real.npz under .*fetch mpi3d_real"):
        MPI3D("real", str(tmp_path))
    with pytest.raises(UserError, match="no mpi3d_toy/"):
        mpi3d.check(str(tmp_path))


def test_a_check_looks_at_each_edition_that_is_there(tmp_path, small_grids):
    written(tmp_path, FULL, "mpi3d_real/mpi3d_real.npz")
    path = tmp_path / "data" / "mpi3d_toy.npz"
    np.savez(path, images=striped(all_factors(FactorSpace(mpi3d.NAMES, FULL, mpi3d.KINDS)), 64, 64) // 255)
    (line,) = mpi3d.check(str(tmp_path / "data"))
    assert line == f"{path}: the first images go from 0 to 0, not to 255"
    assert mpi3d.check(str(tmp_path / "data"), "real") == []

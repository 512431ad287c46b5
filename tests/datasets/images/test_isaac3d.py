"""Isaac3D and Falcor3D from numbered pictures: the order of the grid, reduction without aliasing, what is missing."""

import numpy as np
import pytest
from PIL import Image

from datasets.factor_space import FactorSpace
from datasets.images import falcor3d, isaac3d
from datasets.images.falcor3d import Falcor3D
from datasets.images.isaac3d import Isaac3D
from foundation.errors import UserError
from foundation.randomness import stream
from tests.published_files import factors_seen, write_numbered

SPACE = FactorSpace(isaac3d.SPACE.names, (2, 3, 2, 1, 2, 2, 2, 1, 2), isaac3d.SPACE.kinds)
ROWS = np.arange(192)
UNUSED = stream(0, "unused")


@pytest.fixture(autouse=True)
def small_grid(monkeypatch, tmp_path):
    monkeypatch.setattr(isaac3d, "SPACE", SPACE)
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


def opened(tmp_path, **settings):
    return Isaac3D(root=str(tmp_path / "data"), **settings)


@pytest.mark.parametrize("place", isaac3d.PLACES)
@pytest.mark.parametrize("side", [128, 512])
def test_pictures_show_the_factors_of_their_numbers(tmp_path, place, side):
    folder = write_numbered(tmp_path / "data" / place, SPACE, side)
    dataset = opened(tmp_path)
    assert dataset.observation_shape == (3, 64, 64)
    assert dataset.provenance == f"published files {folder}/*.png"
    rows = ROWS[:: 1 if side == 128 else 37]
    assert np.array_equal(factors_seen(dataset.observations(rows, UNUSED), 9), dataset.factors[rows])
    assert isaac3d.check(str(tmp_path / "data")) == []


def test_a_published_number_is_the_sum_of_factors_and_published_strides(monkeypatch):
    monkeypatch.undo()
    strides = (245760, 30720, 6144, 1536, 384, 96, 16, 4, 1)
    assert isaac3d.SPACE.names[:5] == ("object_shape", "robot_x-move", "robot_y-move", "camera_height", "object_scale")
    for space, expected in ((isaac3d.SPACE, strides), (falcor3d.SPACE, (46656, 7776, 1296, 216, 36, 6, 1))):
        later = [int(np.prod(space.sizes[place + 1 :])) for place in range(len(space))]
        assert tuple(later) == expected
    assert np.prod(isaac3d.SPACE.sizes) == 737_280 and np.prod(falcor3d.SPACE.sizes) == 233_280


def test_reduction_averages(tmp_path):
    folder = write_numbered(tmp_path / "data" / "Isaac3D" / "images", SPACE)
    lines = np.zeros((128, 128, 3), np.uint8)
    lines[:, ::2] = 255
    Image.fromarray(lines).save(folder / "000005.png")
    inside = opened(tmp_path).observations(np.array(5), UNUSED)[:, 8:-8, 8:-8]
    assert abs(inside - 0.5).max() < 0.01


def test_another_size_can_be_asked_for_and_is_another_store(tmp_path):
    write_numbered(tmp_path / "data" / "Isaac3D" / "images", SPACE)
    assert opened(tmp_path).observations(ROWS[:2], UNUSED).shape == (2, 3, 64, 64)
    large = opened(tmp_path, size=128)
    assert np.array_equal(factors_seen(large.observations(ROWS, UNUSED), 9), large.factors[ROWS])
    assert len(list((tmp_path / "cache").glob("*.npy"))) == 2


def test_absent_and_damaged_pictures_are_named(tmp_path):
    folder = write_numbered(tmp_path / "data" / "Isaac3D" / "images", SPACE)
    path = folder / "000064.png"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserError, match="isaac3d: .*000064.png is cut, damaged"):
        opened(tmp_path).observations(ROWS, UNUSED)
    path.unlink()
    with pytest.raises(UserError, match="isaac3d: 1 of 192 pictures are not in .*000064.png first"):
        opened(tmp_path).observations(ROWS, UNUSED)
    assert not list((tmp_path / "cache").glob("*.npy"))


def test_a_check_says_what_differs(tmp_path):
    folder = write_numbered(tmp_path / "data" / "Isaac3D" / "images", SPACE)
    (folder / "000007.png").unlink()
    (folder / "000192.png").write_bytes((folder / "000001.png").read_bytes())
    Image.new("L", (64, 64)).save(folder / "000000.png")
    (folder / "000191.png").write_text("<html>")
    lines = isaac3d.check(str(tmp_path / "data"))
    assert [line.removeprefix(str(folder)) for line in lines[:3]] == [
        " lacks 1 pictures, 000007.png first",
        " has besides 1 pictures, 000192.png first",
        "/000000.png is L 64x64, not RGB of 512x512 or 128x128",
    ]
    assert len(lines) == 4 and "000191.png is cut, damaged, or no picture" in lines[3]


def test_without_the_folder_it_is_said_at_once(tmp_path):
    for look in (opened, lambda path: isaac3d.check(str(path / "data"))):
        with pytest.raises(UserError, match="isaac3d: there is no Isaac3D/images under .*fetch isaac3d"):
            look(tmp_path)


def test_falcor3d_is_read_alike(tmp_path, monkeypatch):
    space = FactorSpace(falcor3d.SPACE.names, (2, 2, 1, 2, 2, 2, 3), falcor3d.SPACE.kinds)
    monkeypatch.setattr(falcor3d, "SPACE", space)
    write_numbered(tmp_path / "data" / "Falcor3D" / "images", space)
    dataset = Falcor3D(root=str(tmp_path / "data"))
    rows = np.arange(96)
    assert np.array_equal(factors_seen(dataset.observations(rows, UNUSED), 7), dataset.factors[rows])
    assert falcor3d.check(str(tmp_path / "data")) == []

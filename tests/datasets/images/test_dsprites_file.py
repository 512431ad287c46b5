"""The published npz of dSprites, written here in its own format on a smaller grid: read whole, in order, and never unpickled."""

import os

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.images import dsprites_file
from datasets.images.dsprites import DSprites
from foundation.errors import UserError
from foundation.randomness import stream

SPACE = FactorSpace(dsprites_file.FRAME_SPACE.names, (1, 3, 2, 5, 4, 4), dsprites_file.FRAME_SPACE.kinds)
ROWS = 480


class Payload:
    """Pickled metadata that leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.fixture(autouse=True)
def small_grid(monkeypatch, tmp_path):
    monkeypatch.setattr(dsprites_file, "FRAME_SPACE", SPACE)
    monkeypatch.setattr(dsprites_file, "CHUNK_ROWS", 64)
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def arrays(tmp_path):
    classes = GridTable(SPACE)[np.arange(ROWS)]
    return {
        "metadata": np.array({"title": Payload(tmp_path / "unpickled")}, dtype=object),
        "imgs": stream(0, "images").integers(0, 2, (ROWS, 64, 64), dtype=np.uint8),
        "latents_classes": classes,
        "latents_values": classes.astype(np.float64),
    }


def written(tmp_path, arrays, folder="dsprites"):
    path = tmp_path / "data" / folder / dsprites_file.FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path


@pytest.mark.parametrize("folder", ["dsprites", ""])
def test_the_published_file_is_read_and_its_pickle_left_alone(tmp_path, arrays, folder):
    path = written(tmp_path, arrays, folder)
    dataset = DSprites(root=str(tmp_path / "data"))
    assert dataset.provenance == f"published file {path}"
    seen = dataset.observations(np.arange(ROWS), stream(0, "unused")).numpy()
    assert np.array_equal(seen[:, 0], arrays["imgs"])
    assert not (tmp_path / "unpickled").exists()


def test_the_data_folder_comes_from_the_environment(tmp_path, arrays, monkeypatch):
    path = written(tmp_path, arrays)
    monkeypatch.setenv("DISENTANGLEMENT_TRANSFER_DATA", str(tmp_path / "data"))
    assert str(path) in DSprites("husl").provenance
    monkeypatch.setenv("DISENTANGLEMENT_TRANSFER_DATA", str(tmp_path))
    assert DSprites("husl").provenance.startswith("rendered")


def test_the_file_is_unpacked_once_and_may_move(tmp_path, arrays, monkeypatch):
    path = written(tmp_path, arrays)
    first = DSprites(root=str(tmp_path / "data")).frames.copy()
    (tmp_path / "elsewhere").mkdir()
    path.rename(tmp_path / "elsewhere" / path.name)
    monkeypatch.setattr(dsprites_file, "read", lambda *_: pytest.fail("it was read again"))
    assert np.array_equal(DSprites(root=str(tmp_path / "elsewhere")).frames, first)


def test_other_contents_are_read_anew(tmp_path, arrays):
    written(tmp_path, arrays)
    first = DSprites(root=str(tmp_path / "data")).frames.copy()
    arrays["imgs"] = 1 - arrays["imgs"]
    written(tmp_path, arrays)
    assert np.array_equal(DSprites(root=str(tmp_path / "data")).frames, ~first)


def refused(tmp_path, match):
    dataset = DSprites(root=str(tmp_path / "data"))
    with pytest.raises(UserError, match=match) as raised:
        dataset.frames  # noqa: B018 - the look opens the file
    message = str(raised.value)
    assert "\n" not in message
    assert "dsprites" in message and dsprites_file.FILE_NAME in message and "fetch" in message
    assert not list((tmp_path / "cache").glob("*.npy")), "nothing half-read may stay"


@pytest.mark.parametrize("part", [0.0, 0.3, 0.99])
def test_a_cut_file_is_refused(tmp_path, arrays, part):
    path = written(tmp_path, arrays)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    refused(tmp_path, "cut, damaged, or no npz")


def test_a_web_page_is_refused(tmp_path, arrays):
    written(tmp_path, arrays).write_text("<!DOCTYPE html><html>404</html>")
    refused(tmp_path, "cut, damaged, or no npz")


def test_a_flipped_byte_is_noticed(tmp_path, arrays):
    path = written(tmp_path, arrays)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    refused(tmp_path, "cut, damaged, or no npz")


@pytest.mark.parametrize("key", ["imgs", "latents_classes"])
def test_a_missing_array_is_named(tmp_path, arrays, key):
    del arrays[key]
    written(tmp_path, arrays)
    refused(tmp_path, f"no {key}.npy")


@pytest.mark.parametrize(
    ("key", "change", "match"),
    [
        ("imgs", lambda imgs: imgs[:, :32], "imgs.npy is uint8"),
        ("imgs", lambda imgs: imgs[:-1], "not uint8"),
        ("imgs", lambda imgs: imgs.astype(np.float32), "float32"),
        ("imgs", lambda imgs: imgs * 255, "the value 255"),
        ("imgs", lambda imgs: np.array([{}] * len(imgs), dtype=object), "object"),
        ("latents_classes", lambda classes: classes[::-1], "published order"),
        ("latents_classes", lambda classes: classes[:, 1:], "latents_classes.npy is int64"),
    ],
)
def test_other_contents_are_refused(tmp_path, arrays, key, change, match):
    arrays[key] = change(arrays[key])
    written(tmp_path, arrays)
    refused(tmp_path, match)
    assert not (tmp_path / "unpickled").exists()

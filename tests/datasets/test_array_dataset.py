"""Own images: every layout that people have, and one clear line for what does not fit."""

import os

import numpy as np
import pytest

from datasets.array_dataset import ArrayDataset, from_npz
from foundation.errors import UserError
from foundation.randomness import stream

UNUSED = stream(0, "unused")
FACTORS = np.stack(np.divmod(np.arange(6), 3), axis=1)
NAMES = ("kind", "size")


def bytes_of(*shape):
    return stream(0, "images").integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("shape", "axes", "expected"),
    [
        ((6, 8, 10), None, (1, 8, 10)),
        ((6, 8, 10, 3), (0, 3, 1, 2), (3, 8, 10)),
        ((6, 8, 10, 1), (0, 3, 1, 2), (1, 8, 10)),
        ((6, 3, 8, 10), (0, 1, 2, 3), (3, 8, 10)),
        ((6, 4, 28, 28), (0, 1, 2, 3), (4, 28, 28)),
    ],
)
def test_channels_are_found_wherever_they_are(shape, axes, expected):
    images = bytes_of(*shape)
    dataset = ArrayDataset(images, FACTORS, NAMES)
    assert dataset.observation_shape == expected
    seen = dataset.observations(np.array([[5, 0]]), UNUSED).numpy()
    wanted = images[:, None] if axes is None else images.transpose(axes)
    assert np.array_equal((seen[0] * 255).round(), wanted[[5, 0]])


def test_floats_stay_as_they_are():
    images = stream(0, "images").random((6, 5, 5))
    seen = ArrayDataset(images, FACTORS, NAMES).observations(np.arange(6), UNUSED)
    assert np.array_equal(seen.numpy()[:, 0], images.astype(np.float32))


def test_batches_do_not_share_memory_with_the_images():
    images = np.zeros((6, 5, 5), np.float32)
    seen = ArrayDataset(images, FACTORS, NAMES).observations(np.array(0), UNUSED)
    seen += 1
    assert images.max() == 0


def test_classes_stay_classes_and_other_values_are_numbered_by_rank():
    factors = np.stack([[0, 2, 2, 0, 1, 1], [1.25, 0.75, 1.0, 0.75, 1.0, 1.25], [-30, 0, 30, 0, -30, 30]], axis=1)
    dataset = ArrayDataset(bytes_of(6, 4, 4), factors, ("kind", "scale", "angle"), kinds=("categorical", "ordinal", "continuous"))
    assert dataset.factor_space.sizes == (3, 3, 0)
    assert dataset.factors[np.arange(6)].tolist() == np.stack([factors[:, 0], [2, 0, 1, 0, 1, 2], factors[:, 2]], axis=1).tolist()


@pytest.mark.parametrize(
    ("images", "factors", "names", "kinds", "match"),
    [
        (bytes_of(6, 4), FACTORS, NAMES, (), "images must be"),
        (bytes_of(6, 9, 8, 8), FACTORS, NAMES, (), "C at most 4"),
        (bytes_of(6, 4, 4).astype(np.int64), FACTORS, NAMES, (), "must be uint8"),
        (bytes_of(6, 4, 4).astype(np.float64), FACTORS, NAMES, (), "between 0 and 1"),
        (np.full((6, 4, 4), np.nan), FACTORS, NAMES, (), "between 0 and 1"),
        (np.ones((6, 4, 4), np.uint8), FACTORS, NAMES, (), "multiply them by 255"),
        (bytes_of(5, 4, 4), FACTORS, NAMES, (), "factors must be numbers \\[5, F\\]"),
        (bytes_of(6, 4, 4), FACTORS.astype(str), NAMES, (), "factors must be numbers"),
        (bytes_of(6, 4, 4), FACTORS[:, 0], NAMES, (), "factors must be numbers"),
        (bytes_of(6, 4, 4), FACTORS * np.nan, NAMES, (), "not finite"),
        (bytes_of(6, 4, 4), FACTORS, ("kind",), (), "as many names"),
        (bytes_of(6, 4, 4), FACTORS, ("kind", "kind"), (), "more than once"),
        (bytes_of(6, 4, 4), FACTORS, NAMES, ("ordinal",), "as many kinds"),
        (bytes_of(6, 4, 4), FACTORS, NAMES, ("ordinal", "odd"), "kinds are"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(images, factors, names, kinds, match):
    with pytest.raises(UserError, match=match) as raised:
        ArrayDataset(images, factors, names, kinds)
    assert "\n" not in str(raised.value)


def test_an_npz_file_is_a_data_set(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, images=bytes_of(6, 4, 4), factors=FACTORS, names=np.array(NAMES), kinds=np.array(["categorical", "circular"]))
    dataset = from_npz(str(path))
    assert dataset.name == "mine" and str(path) in dataset.provenance
    assert dataset.factor_space.names == NAMES and dataset.factor_space.kinds == ("categorical", "circular")
    assert np.array_equal((dataset.observations(np.arange(6), UNUSED).numpy()[:, 0] * 255).round(), bytes_of(6, 4, 4))
    assert from_npz(str(path), names=("one", "two"), kinds=("ordinal", "ordinal")).factor_space.names == ("one", "two")


class Payload:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def test_an_npz_file_is_never_unpickled(tmp_path):
    path = tmp_path / "mine.npz"
    factors = np.array([[Payload(tmp_path / "unpickled")]] * 6, dtype=object)
    np.savez(path, images=bytes_of(6, 4, 4), factors=factors, names=np.array(["kind"]))
    with pytest.raises(UserError, match="mine.npz"):
        from_npz(str(path))
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("damage", ["missing", "empty", "page", "cut", "npy"])
def test_a_file_that_is_no_npz_is_refused(tmp_path, damage):
    path = tmp_path / "mine.npz"
    np.savez_compressed(path, images=bytes_of(6, 40, 40), factors=FACTORS, names=np.array(NAMES))
    whole = path.read_bytes()
    path.unlink()
    if damage == "npy":
        with open(path, "wb") as file:
            np.save(file, FACTORS)
    elif damage != "missing":
        path.write_bytes({"empty": b"", "page": b"<html>", "cut": whole[: len(whole) // 2]}[damage])
    with pytest.raises(UserError, match="mine.npz") as raised:
        from_npz(str(path))
    assert "\n" not in str(raised.value)


def test_an_npz_file_without_an_array_says_which(tmp_path):
    np.savez(tmp_path / "mine.npz", images=bytes_of(6, 4, 4), names=np.array(NAMES))
    with pytest.raises(UserError, match="no array factors"):
        from_npz(str(tmp_path / "mine.npz"))

"""Arrays of bytes from MATLAB files that scipy wrote, compressed and not; damaged files end in one error, never in a crash."""

import numpy as np
import pytest
import scipy.io

from datasets.matlab_file import NoSuchArray, read_bytes
from foundation.randomness import stream

SHAPE = (5, 4, 3, 2)
IM = stream(0, "im").integers(0, 256, SHAPE, dtype=np.uint8)


@pytest.fixture(params=[True, False], ids=["compressed", "plain"])
def path(request, tmp_path):
    arrays = {"mask": np.zeros((5, 4), np.uint8), "title": "a car", "im": IM, "azimuths": np.arange(3.0)}
    scipy.io.savemat(tmp_path / "car.mat", arrays, do_compression=request.param)
    return tmp_path / "car.mat"


def test_an_array_is_found_by_its_name(path):
    assert np.array_equal(read_bytes(path, "im", SHAPE), IM)
    assert np.array_equal(read_bytes(path, "im", SHAPE), scipy.io.loadmat(path)["im"])
    assert np.array_equal(read_bytes(path, "mask", (5, 4)), np.zeros((5, 4)))


def test_names_longer_than_their_tag_are_read(path):
    scipy.io.savemat(path, {"a_name_of_more_than_four": IM})
    assert np.array_equal(read_bytes(path, "a_name_of_more_than_four", SHAPE), IM)


@pytest.mark.parametrize(("name", "shape"), [("other", SHAPE), ("im", (5, 4, 6)), ("azimuths", (1, 3)), ("title", (1, 5))])
def test_what_is_not_there_is_listed_against(path, name, shape):
    with pytest.raises(
        NoSuchArray, match=r"it holds mask \[5, 4\] uint8, title \[.*\] char, im \[5, 4, 3, 2\] uint8, azimuths \[1, 3\] double"
    ):
        read_bytes(path, name, shape)


def test_an_array_that_announces_more_than_is_wanted_is_not_unpacked(tmp_path):
    scipy.io.savemat(tmp_path / "bomb.mat", {"im": np.zeros((4000, 4000), np.uint8)}, do_compression=True)
    with pytest.raises(NoSuchArray, match="im .4000, 4000. uint8, not im"):
        read_bytes(tmp_path / "bomb.mat", "im", SHAPE)


def test_damage_anywhere_is_an_error_or_goes_into_the_pixels(path):
    whole, rng = path.read_bytes(), stream(0, "damage")
    refused = 0
    for _ in range(400):
        content = bytearray(whole)
        content[rng.integers(124, len(content))] = rng.integers(256)
        path.write_bytes(content[: rng.integers(len(content)) if rng.random() < 0.3 else None])
        try:
            assert read_bytes(path, "im", SHAPE).shape == SHAPE
        except NoSuchArray:
            refused += 1
    assert refused > 100

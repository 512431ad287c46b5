"""Sets on a packed store: gathered, mapped, and sent to other processes without their pixels."""

import multiprocessing
import pickle  # noqa: TID251 - what a spawned worker is sent

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable
from datasets.packed_cache import packed_array
from datasets.packed_images import PackedImages, gathered
from foundation.randomness import stream

STORE = stream(0, "store").integers(0, 256, (40, 3, 8, 8), dtype=np.uint8)
UNUSED = stream(0, "unused")


class Packed(PackedImages):
    name, provenance, observation_shape = "toy", "published file toy", (3, 8, 8)

    def __init__(self):
        self.factors = GridTable(FactorSpace(("row", "column"), (5, 8), ("ordinal", "ordinal")))

    def pack(self):
        return packed_array("toy", "constants", STORE.shape, lambda target: np.copyto(target, STORE))


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("shape", [(), (0,), (7,), (2, 3)])
def test_rows_become_images_from_0_to_1(shape):
    indices = stream(0, "indices").integers(0, 40, shape)
    images = gathered(STORE, indices)
    assert images.shape == (*shape, 3, 8, 8) and images.is_contiguous()
    assert np.array_equal((images.numpy() * 255).round(), STORE[indices])
    if images.numel():
        images.zero_()
        assert STORE[indices].any(), "a batch is memory of its own"


def test_nothing_is_packed_before_the_first_read(cache):
    dataset = Packed()
    assert not cache.exists()
    dataset.observations(np.arange(3), UNUSED)
    assert cache.exists()


def test_a_copy_for_another_process_carries_no_pixels():
    dataset = Packed()
    dataset.observations(np.arange(3), UNUSED)
    assert len(pickle.dumps(dataset)) < 1500
    assert pickle.loads(pickle.dumps(dataset)).observations(np.arange(3), UNUSED).equal(gathered(STORE, np.arange(3)))  # noqa: S301


def _sums(dataset, results):
    results.put([float(image.sum()) for image in dataset.observations(np.arange(5), UNUSED)])


def test_a_spawned_process_maps_the_store_itself():
    dataset = Packed()
    expected = [float(image.sum()) for image in dataset.observations(np.arange(5), UNUSED)]
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    child = context.Process(target=_sums, args=(dataset, results), daemon=True)
    child.start()
    child.join(60)
    assert child.exitcode == 0 and results.get() == expected

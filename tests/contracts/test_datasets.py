"""What every data set keeps, whatever it shows. A new one is a line in a table of tests/contracts/sets."""

import contextlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
import torch

from datasets.batches import Observed
from datasets.views import Single, WeakPairs
from foundation.errors import UserError
from foundation.randomness import stream
from settings.opening import opened
from settings.reading import ROOT
from tests.contracts.sets import PUBLISHED_SIZES, SETS
from tests.workers import batch


@pytest.fixture(scope="module", params=SETS)
def dataset(request, tmp_path_factory):
    return SETS[request.param](tmp_path_factory.mktemp("published"))


def rows(dataset, size, name="rows"):
    return stream(0, name).integers(0, len(dataset.factors), size)


@pytest.mark.parametrize("name", PUBLISHED_SIZES)
def test_a_published_set_has_its_name_and_its_factors(name, tmp_path):
    dataset = SETS[name](tmp_path)
    assert dataset.name == name
    assert dataset.factor_space.sizes == PUBLISHED_SIZES[name]
    assert len(dataset.factors) == np.prod(PUBLISHED_SIZES[name])
    assert dataset.observation_shape == (1 if name == "dsprites" else 3, 64, 64)


def test_origin_is_said_in_one_line_without_opening_anything(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    for number, build in enumerate(SETS.values()):
        (tmp_path / str(number)).mkdir()
        provenance = build(tmp_path / str(number)).provenance
        assert provenance and "\n" not in provenance
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 2), (2, 1, 3)])
def test_observations_follow_the_shape_of_the_indices_and_lie_between_0_and_1(dataset, shape):
    images = dataset.observations(rows(dataset, shape), stream(0, "noise"))
    assert images.shape == (*shape, *dataset.observation_shape)
    assert images.dtype == torch.float32
    assert images.is_contiguous()
    if images.numel():
        assert images.min() >= 0 and images.max() <= 1
        assert images.std() > 0


def test_the_same_stream_gives_the_same_bits_and_batches_share_no_memory(dataset):
    source = Observed(dataset, WeakPairs())
    one, kept = source.draw(16, stream(3, "data", 7)), source.draw(16, stream(3, "data", 7)).observations.clone()
    later = source.draw(16, stream(3, "data", 8))
    assert torch.equal(one.observations, kept)
    assert one.observations.data_ptr() != later.observations.data_ptr()
    assert not torch.equal(one.observations, later.observations)


@pytest.fixture(scope="module")
def workers():
    """Four processes that share nothing with this one."""
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_four_spawned_workers_draw_the_batches_that_none_draws(dataset, workers):
    if dataset.name.startswith("mpi3d"):
        pytest.skip("the sizes of its miniature are known to this process alone")
    source = Observed(dataset, Single())
    alone = [batch(source, step) for step in range(4)]
    assert list(workers.map(batch, [source] * 4, range(4))) == alone and len(set(alone)) > 1
    kept_in_memory = sum(value.nbytes for value in vars(getattr(dataset, "dataset", dataset)).values() if isinstance(value, np.ndarray))
    assert len(ForkingPickler.dumps(source)) < 1_000_000 + kept_in_memory  # workers map stores, they are not sent them


def test_an_image_does_not_depend_on_its_batch(dataset):
    if "hidden" in dataset.provenance or "drawn" in dataset.provenance or "noisy" in dataset.name:
        pytest.skip("each observation is a draw of its own")
    indices = rows(dataset, 7)
    together = dataset.observations(indices, stream(0, "a"))
    for index, image in zip(indices, together, strict=True):
        assert torch.equal(dataset.observations(np.asarray(index), stream(0, "b")), image)


def test_indices_and_factors_lead_to_each_other(dataset):
    indices = rows(dataset, 500)
    factors = dataset.factors[indices]
    assert factors.shape == (500, len(dataset.factor_space))
    assert np.array_equal(dataset.factors[dataset.factors.index_of(factors)], factors)
    for index, row in zip(indices[:20], factors, strict=False):
        assert np.array_equal(dataset.index_to_latent(int(index)), row)
        assert np.array_equal(dataset.generative_factors(int(index)), row)
        assert np.array_equal(dataset.index_to_latent(dataset.latent_to_index(row)), row)
    outside = np.array(dataset.factor_space.sizes)
    assert dataset.factors.index_of(outside) == -1 and dataset.factors.index_of(-outside) == -1


def test_images_are_found_by_their_factors(dataset):
    factors = dataset.sample_latent(stream(0, "latent"))
    image = dataset.get_img_by_latent(factors, stream(0, "noise"))
    index = np.asarray(dataset.latent_to_index(factors))
    assert torch.equal(image, dataset.observations(index, stream(0, "noise")))


def test_what_does_not_exist_is_refused_in_one_line(dataset):
    with pytest.raises(UserError, match="outside"):
        dataset.index_to_latent(len(dataset.factors))
    with pytest.raises(UserError, match="no observation has the factors"):
        dataset.latent_to_index(np.array(dataset.factor_space.sizes))


def test_weak_pairs_differ_in_the_factor_that_their_action_names_at_most(dataset):
    indices, actions = WeakPairs().draw(dataset, 2000, stream(0, "pairs"))
    factors = dataset.factors[indices]
    differs = factors[:, 0] != factors[:, 1]
    assert differs.sum(axis=1).max() == 1
    changed = differs.any(axis=1)
    assert np.array_equal(differs.argmax(axis=1)[changed], actions[changed, 0])
    assert set(np.unique(actions)) == set(dataset.factor_space.varying)


def test_targets_are_the_factors_of_the_observations_drawn(dataset):
    name = dataset.factor_space.names[-1]
    batch = Observed(dataset, Single(), targets=(name,)).draw(32, stream(0, "data"))
    indices, _ = Single().draw(dataset, 32, stream(0, "data"))
    assert torch.equal(batch.targets, torch.from_numpy(dataset.factors[indices][..., -1:]))


CONFIGURATIONS = sorted((ROOT / "configs" / "datasets").glob("*.gin"))


def test_every_published_set_has_a_configuration_of_its_name():
    assert {path.stem for path in CONFIGURATIONS} >= {name.replace("-", "_") for name in PUBLISHED_SIZES}


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_a_configuration_gives_the_set_that_its_head_describes(path, tmp_path):
    source = tmp_path / "source.gin"
    source.write_text(f"""from __gin__ import dynamic_registration
from datasets import batches
from datasets import views

include '{path.relative_to(ROOT)}'
batches.Observed.views = @views.WeakPairs()
""")
    head = path.read_text().split("\nfrom")[0]
    with contextlib.ExitStack() as stack:
        try:
            dataset = stack.enter_context(opened(source, Observed)).built.dataset
        except UserError as missing:
            assert f"prepare_datasets.py fetch {path.stem}" in str(missing).replace("-", "_")
            return
        assert dataset.name.replace("-", "_") == path.stem
        assert f"{len(dataset.factors):,} images {'x'.join(map(str, dataset.observation_shape))}" in head
        for name, size in zip(dataset.factor_space.names, dataset.factor_space.sizes, strict=True):
            assert f"{name} {size or 'continuous'}" in head.replace("\n# ", " ")


def test_a_subset_and_own_images_can_be_configured(tmp_path):
    np.savez(
        tmp_path / "mine.npz",
        images=np.full((6, 8, 8), 99, np.uint8),
        factors=np.stack(np.divmod(np.arange(6), 3), axis=1),
        names=np.array(["kind", "size"]),
    )
    source = tmp_path / "source.gin"
    source.write_text(f"""from __gin__ import dynamic_registration
from datasets import array_dataset
from datasets import batches
from datasets import factor_subset
from datasets import views

batches.Observed.dataset = @factor_subset.FactorSubset()
batches.Observed.views = @views.WeakPairs()
factor_subset.FactorSubset.dataset = @array_dataset.from_npz()
factor_subset.FactorSubset.factors = ('size',)
factor_subset.FactorSubset.held = {{'kind': 1}}
array_dataset.from_npz.path = '{tmp_path / "mine.npz"}'
""")
    with opened(source, Observed) as configuration:
        batch = configuration.built.draw(4, stream(0, "data"))
        assert batch.observations.shape == (4, 2, 1, 8, 8)
        assert configuration.built.spec.population == 3

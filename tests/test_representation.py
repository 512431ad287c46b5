"""Samples of rows and their codes."""

from functools import partial

import numpy as np
import pytest
import torch

from datasets.batches import BatchSpec, Observed
from datasets.factor_space import FactorSpace
from datasets.factor_tables import ListedTable
from datasets.views import Single
from foundation.errors import UserError
from foundation.randomness import stream
from models.likelihoods import CrossEntropy
from models.networks import PlainNetwork
from models.vae import VAE
from representation import Intervention, Uniform, encoded
from tests.toys import Adversarial, Squares

SOURCE = Observed(Squares(noisy=True), Single())
CPU = torch.device("cpu")


def vae():
    torch.manual_seed(0)
    return VAE(SOURCE.spec, network=partial(PlainNetwork, latent_dimensions=3, filters=4), likelihood=CrossEntropy)


def test_uniform_rows_are_as_many_as_asked_and_seeded():
    first, again, other = (Uniform(500).draw(SOURCE, stream(seed, "rows")) for seed in (0, 0, 1))
    assert len(first.indices) == 500 and np.array_equal(first.indices, again.indices) and not np.array_equal(first.indices, other.indices)
    assert set(first.indices) > set(range(60))


def test_intervention_sweeps_every_factor_from_every_anchor():
    drawn = Intervention(12 * 10).draw(SOURCE, stream(0, "rows"))
    factors = drawn.factors
    assert len(factors) == 10 * (1 + 1 + 5 + 5)
    anchors = factors[::12]
    assert [len(set(map(tuple, factors[start : start + 12]))) for start in range(0, 120, 12)] == [12] * 10
    for column, size in enumerate((2, 6, 6)):
        others = [c for c in range(3) if c != column]
        for anchor in anchors:
            group = factors[(factors[:, others] == anchor[others]).all(1)]
            assert set(group[:, column]) == set(range(size))


def test_intervention_leaves_out_combinations_that_are_missing():
    holes = Squares()
    rows = holes.factors[np.arange(72)]
    kept = rows[(rows[:, 1] != 3) | (rows[:, 2] == 0)]
    holes.factors = ListedTable(kept, FactorSpace(("texture", "x", "y"), (2, 6, 6), ("categorical", "ordinal", "ordinal")))
    drawn = Intervention(240).draw(Observed(holes, Single()), stream(0, "rows"))
    assert drawn.indices.min() >= 0 and {tuple(row) for row in drawn.factors} <= {tuple(row) for row in kept}


def test_codes_are_means_and_draws_and_the_same_every_time():
    drawn, model = Uniform(300).draw(SOURCE, stream(0, "rows")), vae()
    codes = encoded(model, drawn, 0, "uniform", CPU)
    again = encoded(model, drawn, 0, "uniform", CPU)
    assert codes["mean"].shape == codes["sampled"].shape == (300, 3) and codes["mean"].dtype == np.float32
    assert all(np.array_equal(codes[mode], again[mode]) for mode in codes)
    with torch.no_grad():
        posterior = model.encode(torch.cat(list(drawn.batches("uniform"))))
    np.testing.assert_allclose(codes["mean"], posterior.mean.numpy(), atol=1e-5)
    spread = (codes["sampled"] - codes["mean"]) / np.exp(posterior.log_variance.numpy() / 2)
    assert abs(spread.std() - 1) < 0.1 and abs(spread.mean()) < 0.1


def test_models_without_codes_and_sources_without_data_are_refused():
    with pytest.raises(UserError, match="gives no codes"):
        encoded(Adversarial(BatchSpec((1, 16, 16))), Uniform(4).draw(SOURCE, stream(0)), 0, "uniform", CPU)

    class Law:
        spec = BatchSpec((2,))

    with pytest.raises(UserError, match="a sample of its own"):
        Uniform(4).draw(Law(), stream(0))

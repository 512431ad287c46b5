"""Which observations are drawn together."""

from itertools import combinations

import numpy as np
import pytest

from datasets.array_dataset import ArrayDataset
from datasets.images.dsprites import DSprites
from datasets.views import Single, WeakPairs
from foundation.errors import UserError
from foundation.randomness import stream


@pytest.fixture(scope="module")
def dsprites():
    return DSprites(root="")


def test_single_observations_are_uniform_over_all_rows(dsprites):
    indices, actions = Single().draw(dsprites, 20_000, stream(0, "single"))
    assert indices.shape == (20_000, 1) and actions is None
    counts = np.bincount(dsprites.factors[indices[:, 0]][:, 3], minlength=40)
    assert np.all(np.abs(counts - 500) < 5 * np.sqrt(500))


def test_the_redrawn_factor_and_its_value_are_uniform_and_may_stay(dsprites):
    indices, actions = WeakPairs().draw(dsprites, 20_000, stream(0, "pairs"))
    assert indices.shape == (20_000, 2) and actions.shape == (20_000, 1)
    columns = np.bincount(actions[:, 0], minlength=6)
    assert columns[0] == 0, "colour has one value"
    assert np.all(np.abs(columns[1:] - 4000) < 5 * np.sqrt(4000))
    first, second = dsprites.factors[indices[:, 0]], dsprites.factors[indices[:, 1]]
    for column, size in enumerate(dsprites.factor_space.sizes[1:], start=1):
        redrawn = actions[:, 0] == column
        stayed = (first[redrawn, column] == second[redrawn, column]).mean()
        assert stayed == pytest.approx(1 / size, abs=5 * np.sqrt(1 / size / redrawn.sum()))


def test_the_published_pairs_redraw_constant_factors_too(dsprites):
    indices, actions = WeakPairs(constant_factors=True).draw(dsprites, 6000, stream(0, "pairs"))
    idle = actions[:, 0] == 0
    assert idle.mean() == pytest.approx(1 / 6, abs=0.03)
    assert np.array_equal(indices[idle, 0], indices[idle, 1])


@pytest.mark.parametrize("changed", [2, 3, 5])
def test_one_or_k_factors_change_and_no_action_is_revealed(dsprites, changed):
    views = WeakPairs(changed=changed)
    indices, actions = views.draw(dsprites, 8000, stream(0, "pairs", changed))
    assert actions is None and not views.actions(dsprites)
    factors = dsprites.factors[indices]
    differs = (factors[:, 0] != factors[:, 1]).sum(axis=1)
    assert differs.max() == changed
    # Half of the pairs redraw k factors; of these, one with n values stays as it was with probability 1 / n.
    stays = [1 / size for size in dsprites.factor_space.sizes[1:]]
    all_change = np.mean([np.prod(1 - np.array(chosen)) for chosen in combinations(stays, changed)])
    assert (differs == changed).mean() == pytest.approx(all_change / 2, abs=0.03)


def test_more_changes_than_factors_are_refused(dsprites):
    with pytest.raises(UserError, match="cannot change 6 of 5"):
        WeakPairs(changed=6).draw(dsprites, 2, stream(0, "pairs"))


def test_pairs_of_a_list_with_gaps_exist():
    factors = np.array([[0, 0], [0, 1], [1, 1], [2, 2], [2, 0]])
    images = stream(0, "images").random((5, 4, 4))
    dataset = ArrayDataset(images, factors, ("a", "b"))
    indices, actions = WeakPairs().draw(dataset, 3000, stream(0, "pairs"))
    pairs = {(int(one), int(two)) for one, two in indices}
    assert pairs == {(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (0, 1), (1, 0), (1, 2), (2, 1), (3, 4), (4, 3), (0, 4), (4, 0)}
    first, second = factors[indices[:, 0]], factors[indices[:, 1]]
    others = np.arange(2) != actions
    assert np.array_equal(first[others], second[others])

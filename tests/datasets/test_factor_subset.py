"""Some factors of a set: what is held stays, what is hidden varies, on grids and on lists alike."""

import numpy as np
import pytest

from datasets.array_dataset import ArrayDataset
from datasets.factor_subset import FactorSubset
from datasets.images.dsprites import DSprites
from datasets.images.shapes3d import Shapes3D
from foundation.errors import UserError
from foundation.randomness import stream

UNUSED = stream(0, "unused")
COMBINATIONS = np.stack(np.unravel_index(np.arange(24), (2, 3, 4)), axis=1)


def listed(rows):
    """A data set of one image per row, whose grey value is the number of the row."""
    images = np.repeat(np.repeat(np.arange(len(rows), dtype=np.float64)[:, None, None] / 255, 2, axis=1), 2, axis=2)
    return ArrayDataset(images, np.asarray(rows, dtype=np.float64), ("a", "b", "c"))


def row_numbers(subset, indices, rng=UNUSED):
    return (subset.observations(indices, rng).numpy()[..., 0, 0, 0] * 255).round().astype(int)


@pytest.fixture(scope="module")
def colours():
    return DSprites("husl", root="")


def test_held_factors_stay_at_their_value_and_the_rest_follows_in_the_order_asked_for(colours):
    subset = FactorSubset(colours, ("posY", "shape"), held={"scale": 5, "posX": 16})
    assert subset.factor_space.names == ("posY", "shape") and subset.factor_space.sizes == (32, 3)
    assert subset.factor_space.kinds == ("ordinal", "categorical")
    assert len(subset.factors) == 96 and subset.name == "dsprites-color"
    assert subset.provenance.startswith("rendered") and "scale = 5" in subset.provenance and "color = 0" in subset.provenance
    for index, (position, shape) in enumerate(subset.factors[np.arange(96)]):
        whole = colours.get_img_by_latent(np.array([0, shape, 5, 0, 16, position]), UNUSED)
        assert subset.observations(np.array(index), UNUSED).equal(whole)


def test_hidden_factors_are_uniform_and_drawn_from_the_stream():
    shapes = Shapes3D(root="")
    subset = FactorSubset(shapes, ("scale",), held={"shape": 2, "orientation": 7}, hidden=True)
    indices = np.full(3000, 4)
    one, same = (subset.observations(indices, stream(0, "hidden")) for _ in range(2))
    assert one.equal(same)
    assert not one.equal(subset.observations(indices, stream(1, "hidden")))
    floors = {tuple(colour) for colour in one[:, :, 62, 3].numpy().round(3)}
    walls = {tuple(colour) for colour in one[:, :, 24, 3].numpy().round(3)}
    assert len(floors) == len(walls) == 10
    counts = np.unique(one[:, :, 62, 3].numpy().round(3), axis=0, return_counts=True)[1]
    assert np.all(np.abs(counts - 300) < 5 * np.sqrt(300))
    held = one[:, :, 0].reshape(3000, -1)
    assert (held == held[0]).all(), "the sky above the back wall tells the orientation"


def test_a_list_and_the_grid_that_it_lists_give_the_same_subset():
    dataset = listed(COMBINATIONS)
    subset = FactorSubset(dataset, ("c", "a"), held={"b": 2})
    rows = COMBINATIONS[row_numbers(subset, np.arange(len(subset.factors)))]
    assert len(rows) == 8 and np.all(rows[:, 1] == 2)
    assert np.array_equal(rows[:, [2, 0]], subset.factors[np.arange(8)])


def test_missing_combinations_of_a_list_stay_missing():
    kept = COMBINATIONS[[row for row in range(24) if row not in (1, 13)]]
    subset = FactorSubset(listed(kept), ("a", "c"))
    rows = kept[row_numbers(subset, np.arange(len(subset.factors)))]
    assert np.all(rows[:, 1] == 0)
    assert {tuple(row) for row in subset.factors[np.arange(len(subset.factors))]} == {
        (a, c) for a in range(2) for c in range(4) if (a, c) not in ((0, 1), (1, 1))
    }


def test_hidden_factors_of_a_list_are_drawn_among_what_there_is():
    kept = COMBINATIONS[[row for row in range(24) if row not in (0, 4, 17)]]
    subset = FactorSubset(listed(kept), ("a", "c"), hidden=True)
    assert len(subset.factors) == 8
    index = int(subset.factors.index_of(np.array([0, 0])))
    drawn = kept[row_numbers(subset, np.full(500, index), stream(0, "hidden"))]
    assert {tuple(row) for row in drawn} == {(0, 2, 0)}
    other = int(subset.factors.index_of(np.array([1, 1])))
    drawn = kept[row_numbers(subset, np.full(3000, other), stream(0, "hidden"))]
    values, counts = np.unique(drawn[:, 1], return_counts=True)
    assert np.array_equal(values, [0, 2]) and abs(counts[0] - 1500) < 150


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"factors": ("colour",)}, "the factors are color, shape"),
        ({"factors": ()}, "at least one factor"),
        ({"factors": ("shape", "shape")}, "more than once"),
        ({"factors": ("shape",), "held": {"size": 1}}, "no factor 'size'"),
        ({"factors": ("shape",), "held": {"shape": 1}}, "both shown and held"),
        ({"factors": ("shape",), "held": {"scale": 6}}, "values are 0 to 5"),
        ({"factors": ("shape",), "held": {"scale": 0.5}}, "values are 0 to 5"),
    ],
)
def test_what_cannot_be_chosen_is_refused(colours, arguments, match):
    with pytest.raises(UserError, match=match):
        FactorSubset(colours, **arguments)


def test_a_value_that_no_observation_has_is_refused():
    with pytest.raises(UserError, match="no observation with b = 9"):
        FactorSubset(listed(COMBINATIONS), ("a",), held={"b": 9})


def test_a_continuous_factor_needs_a_value_or_hides():
    angles = np.stack([np.repeat([0, 1], 5), np.tile(np.linspace(0, 1, 5), 2)], axis=1)
    dataset = ArrayDataset(np.zeros((10, 2, 2)), angles, ("kind", "angle"), kinds=("categorical", "continuous"))
    with pytest.raises(UserError, match="continuous angle"):
        FactorSubset(dataset, ("kind",))
    assert len(FactorSubset(dataset, ("kind",), held={"angle": 0.25}).factors) == 2
    assert len(FactorSubset(dataset, ("kind",), hidden=True).factors) == 2
    assert FactorSubset(dataset, ("angle",)).factors[np.arange(5)][:, 0] == pytest.approx(np.linspace(0, 1, 5))

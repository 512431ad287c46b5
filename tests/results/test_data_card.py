"""What a card shows of sets that are no grid, and what its rows hold."""

import numpy as np
import pytest
from PIL import Image

from datasets.array_dataset import ArrayDataset
from datasets.images.shapes3d import Shapes3D
from foundation.randomness import stream
from results.data_card import write_card
from results.factor_rows import factor_rows


def own(factors, kinds=("categorical", "ordinal"), images=None):
    images = stream(0, "images").random((len(factors), 6, 6)) if images is None else images
    return ArrayDataset(images, np.array(factors), ("kind", "size"), kinds)


def test_rows_change_one_factor_and_hold_the_others():
    dataset = Shapes3D(root="")
    rows = factor_rows(dataset, stream(0, "rows"))
    assert [row.name for row in rows] == list(dataset.factor_space.names)
    for column, row in enumerate(rows):
        factors = dataset.factors[row.indices]
        assert row.held and np.array_equal(factors[:, column], row.values)
        assert (np.delete(factors, column, axis=1) == np.delete(factors, column, axis=1)[0]).all()
        assert row.values[0] == 0 and row.values[-1] == dataset.factor_space.sizes[column] - 1 and len(row.values) <= 10


def test_gaps_are_left_out_and_the_fullest_row_is_chosen():
    full = [[0, size] for size in range(4)] + [[1, 0], [2, 3]]
    kind, size = factor_rows(own(full * 3), stream(0, "rows"))
    assert size.held and size.values.tolist() == [0, 1, 2, 3]
    assert kind.held and len(kind.values) == 2


@pytest.mark.parametrize(
    ("factors", "kinds"),
    [([[0, 0], [1, 1], [2, 2]], ("categorical", "ordinal")), ([[0.5, 0], [1.5, 1], [-2.0, 2]], ("continuous", "ordinal"))],
    ids=["no neighbours", "continuous"],
)
def test_where_nothing_can_be_held_the_row_says_so(tmp_path, factors, kinds):
    dataset = own(factors, kinds)
    rows = factor_rows(dataset, stream(0, "rows"))
    assert not any(row.held for row in rows)
    assert all((np.diff(row.values) > 0).all() and len(row.values) == 3 for row in rows)
    card, picture = write_card(dataset, tmp_path, 0, "Mine.", None)
    assert "but for kind, size" in card.read_text() and Image.open(picture).size[0] > 300


def test_equal_images_are_named(tmp_path):
    images = np.stack([np.full((6, 6), value) for value in (0.1, 0.2, 0.1)])
    card, _ = write_card(own([[0, 0], [0, 1], [0, 2]], images=images), tmp_path, 0, "", None)
    assert "| size | ordinal | 3 | 0 = 2 |" in card.read_text()


def test_the_same_seed_gives_the_same_card(tmp_path):
    dataset = own([[kind, size] for kind in range(3) for size in range(4)])
    first, again, other = (write_card(dataset, tmp_path / name, seed, "", None) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert first[1].read_bytes() != other[1].read_bytes()

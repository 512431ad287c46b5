"""Grids and lists of factors are two ways to write the same table."""

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from datasets.factor_tables import GridTable, ListedTable
from foundation.errors import UserError
from foundation.randomness import stream

SPACE = FactorSpace(("shape", "turn", "size"), (3, 4, 5), ("categorical", "circular", "ordinal"))


def everything():
    """The grid, and the same rows as a list."""
    grid = GridTable(SPACE)
    return grid, ListedTable(grid[np.arange(60)], SPACE)


def with_gaps():
    """The rows of the grid whose number is no multiple of 7, in another order, the first one twice."""
    kept = stream(0, "order").permutation([row for row in range(60) if row % 7])
    rows = GridTable(SPACE)[np.append(kept, kept[0])]
    return ListedTable(rows, SPACE), rows


def test_the_last_factor_varies_fastest():
    grid = GridTable(SPACE)
    assert grid[np.array([0, 1, 5, 20, 59])].tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [2, 3, 4]]


def test_a_listed_grid_reads_like_the_grid():
    grid, listed = everything()
    assert len(grid) == len(listed) == 60
    for indices in (np.arange(60), np.array(7), np.array([[3, 4], [59, 0]]), np.zeros((0, 2), np.int64)):
        assert np.array_equal(grid[indices], listed[indices])
        assert np.array_equal(grid.index_of(grid[indices]), indices)
        assert np.array_equal(listed.index_of(grid[indices]), indices)


@pytest.mark.parametrize("outside", [[3, 0, 0], [0, -1, 0], [0, 0, 5]])
def test_combinations_outside_the_grid_have_no_row(outside):
    for table in everything():
        assert table.index_of(np.array(outside)) == -1


def test_missing_combinations_have_no_row_and_repeated_ones_their_first():
    listed, rows = with_gaps()
    found = listed.index_of(GridTable(SPACE)[np.arange(60)])
    assert np.array_equal(np.flatnonzero(found < 0), np.arange(0, 60, 7))
    assert np.array_equal(rows[found[found >= 0]], GridTable(SPACE)[np.flatnonzero(np.arange(60) % 7)])
    assert listed.index_of(rows[-1]) == 0


@pytest.mark.parametrize("which", [0, 1])
def test_a_redrawn_factor_is_uniform_over_its_values(which):
    table = everything()[which]
    for column, size in enumerate(SPACE.sizes):
        partners = table.redraw(np.full(6000, 33), np.full(6000, column), stream(0, "redraw", column))
        factors = table[partners]
        assert np.array_equal(np.delete(factors, column, axis=1), np.tile(np.delete(table[np.array(33)], column), (6000, 1)))
        counts = np.bincount(factors[:, column], minlength=size)
        assert np.all(np.abs(counts - 6000 / size) < 5 * np.sqrt(6000 / size)), counts


def test_with_gaps_a_factor_is_redrawn_uniformly_over_what_there_is():
    listed, rows = with_gaps()
    start = int(listed.index_of(rows[-1]))
    for row in (start, 10, len(rows) - 1):
        for column in range(3):
            others = np.delete(np.arange(3), column)
            expected = np.unique(rows[(rows[:, others] == rows[row, others]).all(axis=1), column])
            drawn = rows[listed.redraw(np.full(4000, row), np.full(4000, column), stream(0, "gaps", row, column))]
            assert np.array_equal(drawn[:, others], np.tile(rows[row, others], (4000, 1)))
            values, counts = np.unique(drawn[:, column], return_counts=True)
            assert np.array_equal(values, expected)
            assert np.all(np.abs(counts - 4000 / len(values)) < 5 * np.sqrt(4000 / len(values))), "a repeated row counts once"


def test_one_call_redraws_a_column_of_its_own_for_each_row():
    for table in (*everything(), with_gaps()[0]):
        rng = stream(0, "columns")
        indices, columns = rng.integers(0, len(table), 500), rng.integers(0, 3, 500)
        before, after = table[indices], table[table.redraw(indices, columns, rng)]
        others = np.arange(3) != columns[:, None]
        assert np.array_equal(before[others], after[others])
        assert (before != after).any()


def test_a_continuous_factor_is_listed_redrawn_and_looked_up_by_its_exact_value():
    space = FactorSpace(("kind", "angle"), (2, 0), ("categorical", "continuous"))
    rows = np.array([[0, 0.25], [0, 0.5], [1, 0.25]])
    listed = ListedTable(rows, space)
    assert np.array_equal(listed[np.array([1, 0])], rows[[1, 0]])
    assert listed.index_of(rows[::-1]).tolist() == [2, 1, 0]
    assert listed.index_of(np.array([[0, 0.3], [1, 0.5], [2, 0.25], [-1, 0.25], [0, 9.0]])).tolist() == [-1] * 5
    partners = listed.redraw(np.zeros(200, np.int64), np.repeat([0, 1], 100), stream(0, "redraw"))
    assert set(partners[:100]) == {0, 2} and set(partners[100:]) == {0, 1}
    with pytest.raises(UserError, match="list the rows"):
        GridTable(space)


@pytest.mark.parametrize("rows", [np.zeros((0, 3)), np.zeros((4, 2)), np.zeros(3)])
def test_a_list_of_another_shape_is_refused(rows):
    with pytest.raises(UserError, match="at least one row"):
        ListedTable(rows, SPACE)


@pytest.mark.parametrize("row", [[0, 4, 0], [0, 0, -1]])
def test_values_outside_their_factor_are_refused(row):
    with pytest.raises(UserError, match="4 values|5 values"):
        ListedTable(np.array([[0, 0, 0], row]), SPACE)


@pytest.mark.parametrize(
    ("names", "sizes", "kinds", "match"),
    [
        (("a", "b"), (2,), ("ordinal",), "one size and one kind"),
        (("a", "a"), (2, 2), ("ordinal", "ordinal"), "more than once"),
        (("a",), (2,), ("colourful",), "kinds are"),
        (("a",), (0,), ("ordinal",), "cannot have 0"),
        (("a",), (3,), ("continuous",), "cannot have 3"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(names, sizes, kinds, match):
    with pytest.raises(UserError, match=match):
        FactorSpace(names, sizes, kinds)


def test_factors_are_chosen_by_name():
    assert SPACE.select(("size", "shape")).sizes == (5, 3)
    with pytest.raises(UserError, match="the factors are shape, turn, size"):
        SPACE.index("colour")

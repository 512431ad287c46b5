"""Actions and what undoes them."""

import pytest

from datasets.actions import NO_ACTIONS, ActionSpace
from foundation.errors import UserError


def test_an_action_is_undone_by_that_of_the_same_factor_and_the_other_sign():
    space = ActionSpace(("y", "x", "y", "colour", "z"), (-1, -1, 1, 0, 1), (None,) * 5)
    assert space.names == ("y -", "x -", "y +", "colour", "z +")
    assert space.inverses == (2, None, 0, None, None)
    assert space.axes == ("y", "x", "colour", "z")
    assert len(space) == 5 and not NO_ACTIONS


def test_what_is_no_list_of_actions_is_refused():
    with pytest.raises(UserError, match="needs a factor"):
        ActionSpace(("x",), (1, -1), (None,))
    with pytest.raises(UserError, match="same direction"):
        ActionSpace(("x", "x"), (1, 1), (None, None))

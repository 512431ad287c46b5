"""What the tests of group models share."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """Two threads on a few numbers wait for each other more than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)

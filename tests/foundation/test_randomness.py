"""Named streams: functions of seed and name, and of nothing else."""

import numpy as np
import torch

from foundation.randomness import stream
from training.noise import noise


def test_a_stream_depends_on_seed_and_name_only():
    first = stream(0, "data", 3).random(4)
    stream(0, "data", 2).random(100)
    assert np.array_equal(first, stream(0, "data", 3).random(4))


def test_other_seeds_steps_names_and_players_are_other_streams():
    keys = [(0, "data", 3), (1, "data", 3), (0, "data", 4), (0, "noise", 3), (0, "data", 3, "critic"), (0, "data"), (3, "data", 0)]
    drawn = [stream(*key).random() for key in keys]
    assert len(set(drawn)) == len(keys)


def test_streams_of_neighbouring_steps_are_not_correlated():
    draws = np.array([stream(0, "data", step).random(2000) for step in range(6)])
    off_diagonal = np.corrcoef(draws)[~np.eye(6, dtype=bool)]
    assert np.abs(off_diagonal).max() < 0.1


def test_noise_is_seeded_and_leaves_the_generator_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with noise(0, "init"):
        first = torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    with noise(0, "init"):
        assert torch.equal(torch.rand(3), first)
    with noise(0, "other"):
        assert not torch.equal(torch.rand(3), first)


def test_noise_restores_the_generator_after_an_error():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    try:
        with noise(0, "init"):
            torch.rand(3)
            raise RuntimeError
    except RuntimeError:
        assert torch.equal(torch.rand(3), expected)

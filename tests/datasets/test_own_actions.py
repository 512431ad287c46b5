"""Own walks and pairs: actions stay with the images that they lie between."""

import numpy as np
import pytest
import torch

from datasets.actions import ActionSpace
from datasets.batches import Observed
from datasets.images.shapes3d import Shapes3D
from datasets.own_actions import GivenPairs, ImagePairs, RecordedImages, pairs_from_npz, walk_from_npz
from datasets.walks import RecordedWalks
from foundation.errors import UserError
from foundation.randomness import stream

LEVELS = np.arange(10, dtype=np.float64) / 10


def images(count=10):
    return np.broadcast_to(LEVELS[:count, None, None], (count, 4, 4))


@pytest.mark.parametrize("more", [0, 1])
def test_a_walk_is_seen_with_the_actions_between_its_images(more):
    actions = np.arange(9 + more) % 4
    source = Observed(RecordedImages(images(), actions), RecordedWalks(length=2))
    batch = source.draw(50, stream(0, "data"))
    first = (batch.observations[:, 0, 0, 0, 0] * 10).round().long()
    assert torch.equal((batch.observations[:, :, 0, 0, 0] * 10).round().long(), first[:, None] + torch.arange(3))
    assert np.array_equal(batch.actions.numpy(), actions[first[:, None].numpy() + np.arange(2)])
    assert len(source.views.actions(source.dataset)) == 4 and len(set(first.tolist())) == 8


def test_pairs_stay_together_with_their_action(tmp_path):
    pairs, actions = np.stack([images(5), images(10)[5:]], axis=1), np.array([2, 0, 1, 0, 2])
    np.savez(tmp_path / "p.npz", pairs=pairs, actions=actions, action_factors=["x", "x", "y"], action_signs=[1, -1, 1])
    dataset = pairs_from_npz(str(tmp_path / "p.npz"))
    batch = Observed(dataset, GivenPairs()).draw(100, stream(0, "data"))
    levels = (batch.observations[..., 0, 0, 0] * 10).round().long()
    assert torch.equal(levels[:, 1], levels[:, 0] + 5) and set(levels[:, 0].tolist()) == set(range(5))
    assert np.array_equal(batch.actions[:, 0].numpy(), actions[levels[:, 0].numpy()])
    assert GivenPairs().actions(dataset).names == ("x +", "x -", "y +") and GivenPairs().actions(dataset).inverses == (1, 0, None)
    assert dataset.provenance == f"file {tmp_path / 'p.npz'}" and len(dataset.factors) == 10


def test_factors_may_be_given(tmp_path):
    np.savez(tmp_path / "w.npz", images=images(), actions=np.zeros(9, int), factors=LEVELS[:, None], names=["level"], kinds=["continuous"])
    assert walk_from_npz(str(tmp_path / "w.npz")).factors[np.asarray(3)].tolist() == [0.3]
    factors = np.arange(20).reshape(5, 2, 2)
    pairs = ImagePairs(np.zeros((5, 2, 4, 4)) + 0.5, np.zeros(5, int), factors, ("a", "b"))
    assert pairs.factors[np.arange(2)].tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (lambda: RecordedImages(images(), np.zeros(5, int)), "need 9 actions between them, not 5"),
        (lambda: RecordedImages(images(), np.full(9, -1)), "whole number from 0"),
        (lambda: RecordedImages(images(), np.full(9, 0.5)), "whole number from 0"),
        (lambda: RecordedImages(images(), np.full(9, "left")), "whole number from 0"),
        (lambda: RecordedImages(images(), np.zeros((9, 2))), "whole number from 0"),
        (lambda: RecordedImages(images(), np.full(9, 3), space=ActionSpace(("x",), (1,), (None,))), "only 1 of them"),
        (lambda: ImagePairs(images(), np.zeros(5, int)), "pairs must be"),
        (lambda: ImagePairs(np.zeros((5, 2, 4, 4)) + 0.5, np.zeros(4, int)), "as many actions"),
        (lambda: GivenPairs().draw(Shapes3D(root=""), 4, stream(0, "x")), "no pairs of its own"),
        (lambda: walk_from_npz("/nowhere.npz"), "cannot read /nowhere.npz"),
    ],
)
def test_what_does_not_fit_is_one_line(build, match):
    with pytest.raises(UserError, match=match) as raised:
        build()
    assert "\n" not in str(raised.value)


def test_nothing_is_unpickled(tmp_path):
    np.savez(tmp_path / "w.npz", images=np.array([{}], dtype=object), actions=np.zeros(1))
    with pytest.raises(UserError, match="cannot read"):
        walk_from_npz(str(tmp_path / "w.npz"))
    np.savez(tmp_path / "w.npz", actions=np.zeros(1))
    with pytest.raises(UserError, match="no array images; it needs images and actions"):
        walk_from_npz(str(tmp_path / "w.npz"))

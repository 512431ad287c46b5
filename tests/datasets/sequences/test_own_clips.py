"""Own clips: frames follow each other within a clip, and labels of clips and of frames are told apart."""

import numpy as np
import pytest
import torch

from datasets.batches import Observed
from datasets.sequences.clips import Clips
from datasets.sequences.own_clips import OwnClips, from_npz
from foundation.errors import UserError
from foundation.randomness import stream

LENGTHS = np.array([4, 2, 5])
IMAGES = np.broadcast_to((np.arange(11) / 20)[:, None, None], (11, 4, 4))


def test_clips_do_not_cross_from_one_sequence_into_the_next(tmp_path):
    np.savez(tmp_path / "c.npz", images=IMAGES, lengths=LENGTHS, factors=[[0, 7], [1, 7], [1, 9]], names=["who", "what"])
    dataset = from_npz(str(tmp_path / "c.npz"))
    assert dataset.factor_space.names == ("who", "what", "frame") and dataset.sequences.constant == ("who", "what")
    assert dataset.factors[np.arange(11)][:, 2].tolist() == [0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 4]
    batch = Observed(dataset, Clips(3), targets=("who",)).draw(200, stream(0, "clips"))
    rows = (batch.observations[:, :, 0, 0, 0] * 20).round().long()
    assert torch.equal(rows, rows[:, :1] + torch.arange(3)) and set(rows[:, 0].tolist()) == {0, 1, 6, 7, 8}
    assert torch.equal(batch.targets[:, :, 0], (rows >= 6).long())


def test_labels_of_frames_may_change_within_a_clip():
    factors = np.stack([np.repeat([0, 1, 2], LENGTHS), np.arange(11) % 2], axis=1)
    dataset = OwnClips(IMAGES, LENGTHS, factors, ("who", "blinks"), ("categorical", "categorical"))
    assert dataset.sequences.constant == ("who",) and dataset.factor_space.kinds == ("categorical", "categorical", "ordinal")


def test_without_labels_clips_are_numbered():
    dataset = OwnClips(IMAGES, LENGTHS)
    assert dataset.factor_space.names == ("clip", "frame") and dataset.factor_space.sizes == (3, 5)


@pytest.mark.parametrize(
    ("lengths", "factors", "match"),
    [
        ([4, 2, 4], None, "add up to 10 frames, but there are 11"),
        ([4.0, 7.0], None, "whole number"),
        ([], None, "whole number"),
        ([0, 11], None, "whole number from 1"),
        ([4, 7], np.zeros((3, 1)), "a row for each clip"),
        ([4, 7], np.zeros(2), "a row for each clip"),
        ([4, 7], np.zeros((2, 2)), "need as many names"),
    ],
)
def test_what_does_not_fit_is_one_line(lengths, factors, match):
    with pytest.raises(UserError, match=match) as raised:
        OwnClips(IMAGES, np.array(lengths), factors, ("a",) if factors is not None else ())
    assert "\n" not in str(raised.value)

"""Clips, joined clips and splits: frames that follow each other, sequences too short, identities kept apart."""

import logging

import numpy as np
import pytest

from datasets.batches import Observed
from datasets.factor_space import FactorSpace
from datasets.factor_tables import ListedTable
from datasets.sequences.clips import Clips, JoinedClips
from datasets.sequences.sequence_dataset import one_after_another
from datasets.sequences.sequence_split import SequenceSplit
from foundation.errors import UserError
from foundation.randomness import stream
from settings.opening import opened
from tests.toys import Squares

LENGTHS = (5, 8, 3, 10, 6, 9, 7, 4)


class Counting(Squares):
    """Eight sequences of four people; the picture of row n is n / 100 everywhere."""

    provenance = "a toy"

    def __init__(self):
        super().__init__()
        self.sequences = one_after_another(LENGTHS, ("who",))
        who = np.repeat([0, 1, 2, 3, 0, 1, 2, 3], LENGTHS)
        frame = np.concatenate([np.arange(length) for length in LENGTHS])
        self.factors = ListedTable(np.stack([who, frame], axis=1), FactorSpace(("who", "frame"), (4, 10), ("categorical", "ordinal")))
        self.observation_shape = (1, 2, 2)

    def observations(self, indices, rng):
        import torch

        return torch.from_numpy(np.asarray(indices, np.float32) / 100)[..., None, None, None].expand(*np.shape(indices), 1, 2, 2).clone()


@pytest.mark.parametrize("stride", [1, 2])
def test_a_clip_is_a_run_of_frames_of_one_sequence(stride):
    dataset = Counting()
    indices, actions = Clips(4, stride).draw(dataset, 2000, stream(0, "clips"))
    factors = dataset.factors[indices]
    assert actions is None and indices.shape == (2000, 4)
    assert (np.diff(indices) == stride).all() and (np.diff(factors[..., 1]) == stride).all()
    assert (factors[..., 0] == factors[:, :1, 0]).all()


def test_sequences_are_drawn_alike_and_so_are_their_windows():
    dataset = Counting()
    indices, _ = Clips(4).draw(dataset, 7000, stream(0, "clips"))
    sequence = np.searchsorted(dataset.sequences.starts, indices[:, 0], side="right") - 1
    assert set(sequence) == {0, 1, 3, 4, 5, 6, 7}
    assert np.bincount(sequence)[[0, 1, 3, 4, 5, 6, 7]] == pytest.approx(1000, rel=0.15)
    first = indices[sequence == 3, 0] - dataset.sequences.starts[3]
    assert np.bincount(first) == pytest.approx(len(first) / 7, rel=0.3)


def test_clips_become_batches_of_frames_and_targets():
    dataset = Counting()
    source = Observed(dataset, Clips(3), targets=("frame", "who"))
    batch = source.draw(6, stream(0, "data"))
    assert source.spec.views == 3 and len(source.spec.actions) == 0
    assert batch.observations.shape == (6, 3, 1, 2, 2) and batch.targets.shape == (6, 3, 2) and batch.actions is None


def test_sequences_too_short_are_counted_in_the_log_once(caplog):
    clips = Clips(6)
    with caplog.at_level(logging.WARNING):
        for step in range(3):
            clips.draw(Counting(), 4, stream(0, "data", step))
    assert len(caplog.records) == 1 and "3 of 8 sequences are shorter than 6 frames" in caplog.text


def test_padding_lets_the_last_frame_stand_still():
    dataset = Counting()
    indices, _ = Clips(6, pad=True).draw(dataset, 500, stream(0, "clips"))
    short = indices[indices[:, 0] == dataset.sequences.starts[2]]
    assert len(short) and (short == dataset.sequences.starts[2] + np.array([0, 1, 2, 2, 2, 2])).all()


def test_clips_that_cannot_be_drawn_are_refused_in_one_line():
    with pytest.raises(UserError, match="longest has 10"):
        Clips(11).draw(Counting(), 1, stream(0, "data"))
    with pytest.raises(UserError, match="at least 1"):
        Clips(0).draw(Counting(), 1, stream(0, "data"))
    with pytest.raises(UserError, match="no sequences"):
        Clips(2).draw(Squares(), 1, stream(0, "data"))
    with pytest.raises(UserError, match="not frame"):
        JoinedClips(Clips(2), ("frame",)).draw(Counting(), 1, stream(0, "data"))


def test_joined_clips_show_one_person_in_any_of_its_sequences():
    dataset = Counting()
    views = JoinedClips(Clips(3), ("who",))
    indices, _ = views.draw(dataset, 4000, stream(0, "clips"))
    who = dataset.factors[indices][..., 0]
    assert views.views == 6 and indices.shape == (4000, 6)
    assert (who == who[:, :1]).all()
    assert (np.diff(indices[:, :3]) == 1).all() and (np.diff(indices[:, 3:]) == 1).all()
    sequence = np.searchsorted(dataset.sequences.starts, indices[:, [0, 3]], side="right") - 1
    assert np.mean(sequence[:, 0] == sequence[:, 1]) == pytest.approx(0.5, abs=0.05)


def test_a_split_shares_out_the_sequences():
    dataset = Counting()
    parts = [SequenceSplit(dataset, part) for part in ("train", "test")]
    pictures = [part.observations(np.arange(len(part.factors)), stream(0, "unused"))[:, 0, 0, 0].numpy() for part in parts]
    assert [len(part.sequences) for part in parts] == [6, 2]
    assert np.array_equal(np.sort(np.round(np.concatenate(pictures) * 100)), np.arange(sum(LENGTHS)))
    for part, seen in zip(parts, pictures, strict=True):
        rows = np.round(seen * 100).astype(int)
        assert np.array_equal(part.factors[np.arange(len(rows))], dataset.factors[rows])
        assert (part.factors[part.sequences.starts][:, 1] == 0).all()
        Clips(3).draw(part, 10, stream(0, "clips"))


def test_a_split_by_person_keeps_people_apart_and_depends_on_its_seed():
    def people(part, seed):
        split = SequenceSplit(Counting(), part, by=("who",), seed=seed)
        return frozenset(split.factors[np.arange(len(split.factors))][:, 0])

    assert people("train", 0) | people("test", 0) == {0, 1, 2, 3} and not people("train", 0) & people("test", 0)
    assert len(people("test", 0)) == 1 and len({people("test", seed) for seed in range(10)}) > 1


def test_a_split_that_makes_no_sense_is_refused():
    with pytest.raises(UserError, match="train and test"):
        SequenceSplit(Counting(), "validation")
    with pytest.raises(UserError, match="frame, which changes"):
        SequenceSplit(Counting(), by=("frame",)).factors  # noqa: B018
    with pytest.raises(UserError, match="empty"):
        SequenceSplit(Counting(), share=0.01).sequences  # noqa: B018


def test_clips_and_splits_are_configured_like_everything_else(tmp_path):
    source = tmp_path / "source.gin"
    source.write_text("""from __gin__ import dynamic_registration
from datasets import batches
from datasets.rendered import sprites
from datasets.sequences import clips
from datasets.sequences import sequence_split

batches.Observed.dataset = @sequence_split.SequenceSplit()
batches.Observed.views = @clips.JoinedClips()
batches.Observed.targets = ('action', 'frame')
clips.Clips.length = 8
clips.JoinedClips.clips = @clips.Clips()
clips.JoinedClips.shared = ('body', 'shirt', 'pants', 'hair')
sequence_split.SequenceSplit.dataset = @sprites.RenderedSprites()
sequence_split.SequenceSplit.part = 'test'
sequence_split.SequenceSplit.share = 0.1
sequence_split.SequenceSplit.by = ('body', 'shirt', 'pants', 'hair')
""")
    with opened(source, Observed) as configuration:
        built = configuration.built
        batch = built.draw(4, stream(0, "data"))
        assert batch.observations.shape == (4, 16, 3, 64, 64) and batch.targets.shape == (4, 16, 2)
        assert built.spec.population == 84 * 9 * 8
        assert built.dataset.provenance.startswith("rendered") and "held out by body and shirt" in built.dataset.provenance

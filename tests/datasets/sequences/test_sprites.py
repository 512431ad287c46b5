"""The published files of Sprites: labels, directions, the split by character, and files that are not as published."""

import os

import numpy as np
import pytest
import torch

from datasets.sequences import sprites
from datasets.sequences.clips import Clips, JoinedClips
from datasets.sequences.sprites import Sprites
from foundation.errors import UserError
from foundation.randomness import stream
from tests.datasets.sequences.sprite_files import FIGURES, pictures, write_sprite_files


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("joined", [False, True], ids=["actions 0 to 2", "motions 0 to 8"])
def test_both_versions_of_the_script_give_the_same_table(joined, tmp_path):
    labels = write_sprite_files(tmp_path, joined)
    dataset = Sprites(root=str(tmp_path))
    assert np.array_equal(dataset.factors[dataset.sequences.starts][:, :6], labels["train"] + labels["test"])
    assert np.array_equal(dataset.factors[np.arange(8)][:, 6], np.arange(8))
    assert len(dataset.sequences) == 9 * len(FIGURES) and (dataset.sequences.lengths == 8).all()


def test_pictures_are_those_of_the_files_from_0_to_1(tmp_path):
    write_sprite_files(tmp_path)
    dataset = Sprites("train", root=str(tmp_path))
    for sequence in (0, 8, 40):
        number, motion = divmod(sequence, 9)
        number += number // 4  # every fifth character is in the test
        images = dataset.observations(dataset.sequences.starts[sequence] + np.arange(8), stream(0, "unused"))
        assert (images - (pictures(number, motion) + 1) / 2).abs().max() <= 0.5 / 255 + 1e-6


def test_characters_are_on_one_side_of_the_published_split(tmp_path):
    labels = write_sprite_files(tmp_path)
    train, test = (Sprites(part, root=str(tmp_path)) for part in ("train", "test"))
    assert len(train.sequences) == len(labels["train"]) and len(test.sequences) == len(labels["test"])
    sides = [{tuple(row) for row in part.factors[part.sequences.starts][:, :4]} for part in (train, test)]
    assert not sides[0] & sides[1] and len(sides[0] | sides[1]) == len(FIGURES)


def test_pairs_of_actions_of_one_character_are_joined_clips(tmp_path):
    write_sprite_files(tmp_path)
    dataset = Sprites("train", root=str(tmp_path))
    indices, _ = JoinedClips(Clips(8), ("body", "shirt", "pants", "hair")).draw(dataset, 1500, stream(0, "clips"))
    factors = dataset.factors[indices]
    assert indices.shape == (1500, 16) and (factors[..., :4] == factors[:, :1, :4]).all()
    motion = factors[..., 4] * 4 + factors[..., 5]
    assert len(np.unique(motion[:, [0, 8]], axis=0)) == 81
    assert np.array_equal(factors[0, :, 6], np.tile(np.arange(8), 2))


def test_the_tenth_file_follows_the_ninth(tmp_path):
    write_sprite_files(tmp_path)
    assert [path.name for path in Sprites("train", root=str(tmp_path))._files[:11]] == [f"{n}.sprite" for n in range(1, 12)]


def test_files_of_older_torch_are_read_too(tmp_path):
    write_sprite_files(tmp_path)
    expected = Sprites("test", root=str(tmp_path)).observations(np.arange(40), stream(0, "unused"))
    for path in (tmp_path / "lpc-dataset" / "test").iterdir():
        torch.save(torch.load(path, weights_only=True), path, _use_new_zipfile_serialization=False)
    again = Sprites("test", root=str(tmp_path))
    assert torch.equal(again.observations(np.arange(40), stream(0, "unused")), expected)
    assert set(again.factors[again.sequences.starts][:, 5]) == {0, 1, 2, 3}


def changed(path, **changes):
    torch.save({**torch.load(path, weights_only=True), **changes}, path)


class Payload:
    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (self.place,)


def test_files_that_are_not_as_published_are_told_in_one_line(tmp_path):
    write_sprite_files(tmp_path)
    path = tmp_path / "lpc-dataset" / "train" / "11.sprite"
    whole = path.read_bytes()

    def refused(match):
        dataset = Sprites(root=str(tmp_path))
        with pytest.raises(UserError, match=match) as told:
            dataset.factors  # noqa: B018
            dataset.observations(np.zeros(1, np.int64), stream(0, "unused"))
        assert "\n" not in str(told.value)
        (line,) = sprites.check(str(tmp_path))
        assert line == str(told.value)
        if path.exists():
            path.write_bytes(whole)

    for content in (whole[: len(whole) // 2], b"", b"<!DOCTYPE html>"):
        path.write_bytes(content)
        refused("11.sprite is not as published: it is cut")
    changed(path, hair=6)
    refused("its hair is 6")
    changed(path, body="light")
    refused("its body is 'light'")
    changed(path, sprite=torch.zeros(8, 64, 64, 3))
    refused("no tensor of numbers")
    changed(path, sprite=torch.full((8, 3, 64, 64), 255.0))
    refused("goes from 255 to 255")
    torch.save([1], path)
    refused("holds a list")
    torch.save({"body": Payload(str(tmp_path / "executed"))}, path)
    refused("more than numbers")
    assert not (tmp_path / "executed").exists()
    changed(path, action=2)
    refused("threes")
    path.unlink()
    refused("no .*11.sprite")


def test_verification_says_what_is_not_as_published(tmp_path):
    write_sprite_files(tmp_path)
    (line,) = sprites.check(str(tmp_path))
    assert "16 characters, not 840" in line


def test_missing_files_are_told_before_anything_is_read(tmp_path):
    with pytest.raises(UserError, match="prepare_datasets.py fetch sprites"):
        Sprites(root=str(tmp_path))
    with pytest.raises(UserError, match="not 'validation'"):
        Sprites("validation", root=str(tmp_path))

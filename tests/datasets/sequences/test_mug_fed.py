"""MUG-FED: both editions of its files, what is kept of them, splits, flips, damage, and packing from aligned frames."""

import io
import os

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import functional as picture

from datasets.batches import Observed
from datasets.sequences import mug_fed, mug_fed_packing
from datasets.sequences.clips import Clips
from datasets.sequences.mug_fed import SIX_ACTIONS, MugFed
from datasets.sequences.mug_fed_file import FRAMES_FILE, LABELS_FILE, Recording
from foundation.errors import UserError
from foundation.randomness import stream
from tests.datasets.sequences.mug_files import LENGTHS, face_frames, write_mug_files


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


def released(frame):
    """A frame as torchvision and Pillow make it: crop of 160, 64 x 64, [3, 64, 64]."""
    return picture.to_tensor(picture.resize(picture.center_crop(Image.fromarray(frame), 160), (64, 64)))


def test_every_second_frame_of_the_kept_actions_is_there_as_released(tmp_path):
    frames, labels = write_mug_files(tmp_path)
    dataset = MugFed(root=str(tmp_path))
    kept = [number for number, (_, action) in enumerate(labels) if action not in (2, 5, 6)]
    assert len(dataset.sequences) == len(kept)
    row = 0
    for number, start, length in zip(kept, dataset.sequences.starts, dataset.sequences.lengths, strict=True):
        shown = frames[number][::2]
        assert (start, length) == (row, len(shown))
        images = dataset.observations(start + np.arange(length), stream(0, "unused"))
        expected = torch.stack([released(frame) for frame in shown])
        assert (images - expected).abs().max() <= 1.01 / 255
        identity, action = labels[number]
        relabelled = {7: 2, 8: 5}.get(action, action)
        wanted = [(identity, relabelled, frame) for frame in range(length)]
        assert np.array_equal(dataset.factors[start + np.arange(length)], wanted)
        row += length
    assert len(dataset.factors) == row
    assert images[..., :9].abs().max() == 0, "the border that the crop adds is black"


def test_labels_stay_the_same_however_often_they_are_looked_at(tmp_path):
    write_mug_files(tmp_path)
    dataset = MugFed(root=str(tmp_path))
    first = dataset.factors[np.arange(len(dataset.factors))].copy()
    for _ in range(3):
        Observed(dataset, Clips(4), targets=("action",)).draw(32, stream(0, "data"))
    assert np.array_equal(dataset.factors[np.arange(len(dataset.factors))], first)
    assert set(first[:, 1]) == set(range(6)) == set(SIX_ACTIONS) - {-1}


def test_all_actions_all_frames_and_faces_that_fill_the_image_are_options(tmp_path):
    frames, labels = write_mug_files(tmp_path)
    dataset = MugFed(all_actions=True, frame_step=1, crop=112, root=str(tmp_path))
    assert dataset.sequences.lengths.tolist() == list(LENGTHS)
    assert np.array_equal(dataset.factors[dataset.sequences.starts][:, :2], labels)
    shown = dataset.observations(np.asarray(5), stream(0, "unused"))
    expected = picture.to_tensor(picture.resize(Image.fromarray(frames[0][5]), (64, 64)))
    assert (shown - expected).abs().max() <= 1.01 / 255


def test_the_released_split_holds_out_a_quarter_of_all_recordings(tmp_path):
    from sklearn.model_selection import train_test_split

    write_mug_files(tmp_path)
    for seed in (0, 3):
        train, test = train_test_split(np.arange(len(LENGTHS)), test_size=0.25, random_state=seed)
        for part, expected in (("train", train), ("test", test)):
            dataset = MugFed(part, seed, all_actions=True, frame_step=1, root=str(tmp_path))
            assert dataset.sequences.lengths.tolist() == [LENGTHS[number] for number in sorted(expected)]
            assert part in dataset.provenance


def test_a_flip_turns_a_clip_as_a_whole(tmp_path):
    write_mug_files(tmp_path)
    plain, flipped = MugFed(root=str(tmp_path)), MugFed(flips=True, root=str(tmp_path))
    indices, _ = Clips(4).draw(plain, 40, stream(0, "clips"))
    indices = np.sort(indices, axis=1)
    images, mirrored = plain.observations(indices, stream(1, "flips")), flipped.observations(indices, stream(1, "flips"))
    # Faces stand a half pixel left of the middle: mirrored ones are not equal to them.
    skewed = images.clone()
    skewed[..., :20] = 0
    assert not torch.equal(skewed, skewed.flip(-1))
    turned = [torch.equal(mirror, image.flip(-1)) for mirror, image in zip(mirrored, images, strict=True)]
    kept = [torch.equal(mirror, image) for mirror, image in zip(mirrored, images, strict=True)]
    assert all(turn or keep for turn, keep in zip(turned, kept, strict=True))


def test_half_of_the_clips_are_flipped_and_a_list_is_flipped_one_by_one(tmp_path):
    write_mug_files(tmp_path)
    dataset = MugFed(flips=True, root=str(tmp_path))
    dataset._faces  # noqa: B018 - filled before it is replaced
    dataset.__dict__["_faces"] = np.broadcast_to(np.arange(64, dtype=np.uint8), (sum(LENGTHS), 3, 64, 64))
    left = dataset.observations(np.zeros((1000, 3), np.int64), stream(0, "flips"))[..., 0, 0, 0]
    assert torch.equal(left, left[:, :1].expand(-1, 3)) and 400 < int((left[:, 0] > 0).sum()) < 600
    each = dataset.observations(np.zeros(1000, np.int64), stream(0, "flips"))[..., 0, 0, 0]
    assert 400 < int((each > 0).sum()) < 600


def test_a_file_with_a_payload_is_refused_in_one_line_and_not_executed(tmp_path, monkeypatch):
    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    write_mug_files(tmp_path)
    listed = np.empty(2, dtype=object)
    listed[:] = [face_frames(4, 0, 0), Payload()]
    np.savez(tmp_path / "MUG-FED" / FRAMES_FILE, listed)
    np.savez(tmp_path / "MUG-FED" / LABELS_FILE, np.zeros((2, 2), np.int64))
    with pytest.raises(UserError, match="mkdir.*nothing of it was executed") as refused:
        MugFed(root=str(tmp_path)).observations(np.zeros(1, np.int64), stream(0, "unused"))
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "executed").exists()
    assert any("mkdir" in line for line in mug_fed.check(str(tmp_path)))
    np.savez(tmp_path / "MUG-FED" / LABELS_FILE, listed)
    with pytest.raises(UserError, match="labels.npz"):
        Recording(str(tmp_path)).labels()
    assert not (tmp_path / "executed").exists()


DAMAGE = {
    "cut": lambda content: content[: len(content) // 2],
    "page": lambda content: b"<!DOCTYPE html><html>sign in</html>",
    "empty": lambda content: b"",
    "flipped bit": lambda content: content[:90000] + bytes([content[90000] ^ 1]) + content[90001:],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("file", [FRAMES_FILE, LABELS_FILE])
def test_a_damaged_file_is_one_clear_line(damage, file, tmp_path):
    write_mug_files(tmp_path)
    path = tmp_path / "MUG-FED" / file
    dataset = MugFed(root=str(tmp_path))
    if file == LABELS_FILE and damage is DAMAGE["flipped bit"]:
        pytest.skip("the bit lies behind the end of this small archive")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=file) as told:
        dataset.observations(np.zeros(1, np.int64), stream(0, "unused"))
    assert "\n" not in str(told.value)
    assert mug_fed.check(str(tmp_path))


def test_labels_and_frames_that_do_not_belong_together_are_told(tmp_path):
    write_mug_files(tmp_path)
    assert mug_fed.check(str(tmp_path)) == []
    np.savez(tmp_path / "MUG-FED" / LABELS_FILE, np.zeros((3, 2), np.int64))
    assert "3 rows" in " ".join(mug_fed.check(str(tmp_path)))
    with pytest.raises(UserError, match="do not belong together"):
        MugFed(root=str(tmp_path)).factors  # noqa: B018


def test_a_missing_file_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(UserError, match="prepare_datasets.py fetch mug_fed"):
        MugFed(root=str(tmp_path))
    write_mug_files(tmp_path)
    (tmp_path / "MUG-FED" / LABELS_FILE).unlink()
    with pytest.raises(UserError, match="labels.npz"):
        MugFed(root=str(tmp_path))


def test_it_is_converted_once(tmp_path, monkeypatch):
    write_mug_files(tmp_path)
    first = MugFed(root=str(tmp_path)).observations(np.arange(5), stream(0, "unused"))
    monkeypatch.setattr(mug_fed, "prepared", None)
    assert torch.equal(MugFed(root=str(tmp_path)).observations(np.arange(5), stream(0, "unused")), first)


def aligned(folder, takes, suffix="png"):
    """Frames as OpenFace writes them, {SUBJECT/ACTION/TAKE: number of frames}; returns them by take."""
    written = {}
    for number, (take, length) in enumerate(takes.items()):
        place = folder / f"{take}_aligned"
        place.mkdir(parents=True)
        written[take] = face_frames(length, number, number)
        for count, frame in enumerate(written[take], start=1):
            Image.fromarray(frame).save(place / f"frame_det_00_{count:06d}.{suffix}")
        (folder / f"{take}.csv").write_text("frame, confidence\n")
    return written


@pytest.mark.parametrize("suffix", ["png", "bmp"])
def test_aligned_frames_are_packed_without_a_pickle_and_read_back(suffix, tmp_path):
    takes = {"002/anger/take000": 11, "010/surprise/take000": 7, "010/surprise/take001": 12, "001/neutral/take000": 3}
    written = aligned(tmp_path / "aligned", takes, suffix)
    line = mug_fed_packing.pack(tmp_path / "aligned", tmp_path / "MUG-FED")
    assert "4 sequences of 3 people, 3 to 12 frames" in line
    for file in (FRAMES_FILE, LABELS_FILE):
        with np.load(tmp_path / "MUG-FED" / file, allow_pickle=False) as archive:
            assert all(archive[key].dtype != object for key in archive)
    dataset = MugFed(all_actions=True, frame_step=1, root=str(tmp_path))
    first = dataset.factors[dataset.sequences.starts]
    assert first.tolist() == [[0, 6, 0], [1, 0, 0], [2, 8, 0], [2, 8, 0]]
    assert dataset.sequences.lengths.tolist() == [3, 11, 7, 12]
    shown = dataset.observations(dataset.sequences.starts[1:2] + 10, stream(0, "unused"))
    assert (shown[0] - released(written["002/anger/take000"][10])).abs().max() <= 1.01 / 255
    assert mug_fed.check(str(tmp_path)) == []


def test_more_than_nine_frames_and_takes_keep_their_order(tmp_path):
    aligned(tmp_path / "aligned", {f"1/anger/take{take}": take + 1 for take in range(12)})
    mug_fed_packing.pack(tmp_path / "aligned", tmp_path / "MUG-FED")
    assert MugFed(frame_step=1, root=str(tmp_path)).sequences.lengths.tolist() == list(range(1, 13))


def test_folders_that_cannot_be_packed_leave_nothing_behind(tmp_path):
    def refused(match):
        with pytest.raises(UserError, match=match) as told:
            mug_fed_packing.pack(tmp_path / "aligned", tmp_path / "out")
        assert "\n" not in str(told.value)
        assert not list(tmp_path.glob("out/*"))

    refused("not a folder")
    (tmp_path / "aligned").mkdir()
    refused("holds no frames")
    place = tmp_path / "aligned" / "001" / "boredom" / "take000_aligned"
    place.mkdir(parents=True)
    Image.fromarray(face_frames(1, 0, 0)[0]).save(place / "frame_det_00_000001.png")
    refused("boredom")
    place.parent.rename(place.parent.with_name("anger"))
    small = tmp_path / "aligned" / "001" / "anger" / "take000_aligned" / "frame_det_00_000002.png"
    Image.fromarray(face_frames(1, 0, 0)[0][:96, :96]).save(small)
    refused("-simsize 112")
    small.write_bytes(b"<html>")
    refused("cannot read the frame")
    small.unlink()
    content = io.BytesIO()
    Image.fromarray(face_frames(1, 0, 0)[0]).save(content, "bmp")
    small.with_name("frame_det_00_000001.bmp").write_bytes(content.getvalue())
    refused("twice")

"""FlatLand from the files of its public generator: what is read off frames, and every way in which files can be wrong."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets.walks import RecordedWalks
from datasets.worlds import flatland_file
from datasets.worlds.disc import Disc
from datasets.worlds.flatland import FlatLand
from datasets.worlds.flatland_file import check, located, misfits
from datasets.worlds.flatland_recorded import RecordedFlatLand
from datasets.worlds.flatland_rules import SMALL_BALL, STANDARD
from foundation.errors import UserError
from foundation.randomness import stream
from tests.flatland_files import write_flatland

FRAMES = 601


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


def written(root, small_ball=False, frames=FRAMES, **traps):
    world = FlatLand(small_ball=small_ball, frames=frames)
    write_flatland(root / world.name, world, **traps)
    return world


def saved(root, **arrays):
    for name, array in arrays.items():
        np.save(root / "flatland" / f"{name}.npy", array)


def refused(root, *said, look=lambda dataset: dataset.walk, **settings):
    """One line that says so, from the set and (of the standard ball) from `check`."""
    with pytest.raises(UserError) as raised:
        look(RecordedFlatLand(root=str(root), **settings))
    assert "\n" not in str(raised.value)
    told = [str(raised.value)] if settings else [str(raised.value), " ".join(check(str(root)))]
    for word in said:
        assert all(word in line for line in told), (word, told)


@pytest.mark.parametrize("small_ball", [False, True])
def test_frames_actions_and_whole_pixels_come_back(tmp_path, small_ball):
    world = written(tmp_path, small_ball, frames=3001)
    dataset = RecordedFlatLand(small_ball, root=str(tmp_path))
    rows = np.array([[0, 5], [7, 2999]])
    assert torch.equal(dataset.observations(rows, None), world.observations(rows, None))
    assert dataset.name == f"{world.name}-file" and not dataset.provenance.startswith("rendered")
    assert len(dataset.factors) == 3000 and np.array_equal(dataset.factors[np.arange(3000)], np.floor(world.positions[:-1]))
    assert np.array_equal(dataset.walk.actions, world.walk.actions[:-1]) and dataset.walk.space == world.walk.space
    assert small_ball or np.any(world.positions % 1), "some balls stand on half pixels"
    in_pixels = RecordedFlatLand(small_ball, 3, True, root=str(tmp_path))
    assert np.array_equal(in_pixels.factors[rows], FlatLand(small_ball, frames=3001, in_pixels=True).factors[rows])
    assert torch.equal(in_pixels.observations(rows, None), FlatLand(small_ball, 3, 3001).observations(rows, None))


def test_files_are_read_once_and_nothing_is_opened_before(tmp_path):
    written(tmp_path)
    assert check(str(tmp_path)) == []
    dataset = RecordedFlatLand(root=str(tmp_path))
    assert not (tmp_path / "cache").exists()
    first = dataset.observations(np.arange(3), None)
    (store,) = (tmp_path / "cache").glob("*.npy")
    changed = store.stat().st_mtime_ns
    assert torch.equal(RecordedFlatLand(root=str(tmp_path)).observations(np.arange(3), None), first)
    assert store.stat().st_mtime_ns == changed and store.name.startswith("flatland-file-")
    views, actions = RecordedWalks(3).draw(dataset, 50, stream(0, "walks"))
    assert np.array_equal(dataset.walk.actions[views[:, :-1]], actions)
    write_flatland(tmp_path / "flatland", FlatLand(frames=FRAMES, seed=1))
    again = RecordedFlatLand(root=str(tmp_path)).observations(np.arange(3), None)
    assert torch.equal(again, FlatLand(frames=FRAMES, seed=1).observations(np.arange(3), None)), "other files are another store"


def test_frames_of_the_public_environment_are_located_and_its_actions_fit():
    if "FOVEA_REFERENCE" not in os.environ:
        pytest.skip("FOVEA_REFERENCE names no folder with frames of the public environment")
    with np.load(Path(os.environ["FOVEA_REFERENCE"]) / "frames" / "flatland.npz") as file:
        white = np.unpackbits(file["frames"], axis=1).reshape(-1, 64, 64) > 0
        before, after, actions = (file[name] for name in ("pos_before", "pos_after", "actions"))
    assert np.array_equal(located(white, STANDARD), np.floor(after))
    steps = zip(np.floor(before).astype(int), actions, np.floor(after).astype(int), strict=True)
    assert not any(len(misfits(np.stack([one, other]), np.array([action]), STANDARD)) for one, action, other in steps)


def test_discs_are_located_whole_cut_and_with_another_edge():
    for edition in (STANDARD, SMALL_BALL):
        lowest, highest = edition.reach
        places = np.stack(np.meshgrid(np.arange(lowest, highest + 1), np.arange(lowest, highest + 1)), -1).reshape(-1, 2)
        columns, rows = places[:, 0] - edition.left, edition.top - places[:, 1]
        for radius in (edition.drawn_radius, edition.radius - 0.4, edition.radius + 0.1):
            white = Disc(radius).draw(columns, rows, 1)[:, 0].numpy() > 0
            assert np.array_equal(located(white, edition), places), (edition.name, radius)
        assert (located(white, SMALL_BALL if edition is STANDARD else STANDARD) == -1).any(axis=1).all()
        white[:, 32, :] ^= True
        assert (located(white, edition) == -1).all()


def test_a_frame_that_was_not_written_is_told_by_lengths_and_by_the_first_action_that_does_not_fit(tmp_path):
    written(tmp_path, unwritten=(200,))
    refused(tmp_path, "599 frames in inputs.npy, but 600 actions", "entirely black is not written")
    (lengths, from_where) = check(str(tmp_path))
    assert "599 frames" in lengths
    first = int(from_where.split("action ")[1].split()[0])
    assert 199 <= first < 205, "until the shift shows, an action may fit by chance"
    actions = np.load(tmp_path / "flatland" / "actions.npy")
    saved(tmp_path, actions=actions[:-1])  # made as long as each other by hand
    count = len(misfits(RecordedFlatLand(root=str(tmp_path)).positions, actions[:-2], STANDARD))
    assert 200 < count < 400
    refused(tmp_path, f"action {first} does not lead from frame {first} to frame {first + 1}", f"and {count} of 598 do not")
    assert RecordedFlatLand(root=str(tmp_path), misfits=count).walk.actions.shape == (598,)
    with pytest.raises(UserError, match=rf"RecordedFlatLand\.misfits = {count}\b"):
        RecordedFlatLand(root=str(tmp_path), misfits=count - 1).walk  # noqa: B018 - the look is what is tried


def test_pictures_of_an_earlier_run_are_told(tmp_path):
    written(tmp_path, spare=40)
    refused(tmp_path, "640 frames in inputs.npy, but 600 actions", "earlier run")


def test_a_single_wrong_action_is_found_at_its_place(tmp_path):
    world = written(tmp_path)
    actions = world.walk.actions.copy()
    actions[[37, 411]] = (actions[[37, 411]] + 1) % 4
    saved(tmp_path, actions=actions)
    refused(tmp_path, "action 37 does not lead from frame 37 to frame 38", "and 2 of 599 do not")


def test_frames_without_their_ball_are_told_by_their_number(tmp_path):
    world = written(tmp_path)
    good = np.load(tmp_path / "flatland" / "inputs.npy")

    def changed(value, where):
        frames = good.copy()
        frames[where] = value
        saved(tmp_path, inputs=frames)

    look = {"look": lambda dataset: dataset.observations(np.arange(2), None)}
    changed(0, 77)
    refused(tmp_path, "frame 77 of inputs.npy is entirely black", **look)
    changed(1, (78, slice(None), 3))
    refused(tmp_path, "frame 78 of inputs.npy shows no ball of flatland", **look)
    changed(0.5, (590, 0, 0, 0))
    refused(tmp_path, "frame 590 of inputs.npy is not black (0) and white (1)", **look)
    changed(np.nan, (3, 9, 9))
    refused(tmp_path, "frame 3 of inputs.npy is not black (0) and white (1)", **look)
    changed(1, (4, 0, 0, 2))
    refused(tmp_path, "frame 4 of inputs.npy is not black", **look)
    write_flatland(tmp_path / world.name, FlatLand(small_ball=True, frames=FRAMES))
    refused(tmp_path, "shows the ball of flatland-small-ball, not that of flatland", **look)


def test_foreign_and_damaged_files_end_in_one_line(tmp_path):
    world = written(tmp_path)
    inputs, actions = (tmp_path / "flatland" / name for name in (flatland_file.FRAMES, flatland_file.ACTIONS))
    whole, pickled = inputs.read_bytes(), np.array([{"a": 1}], dtype=object)
    for content in (whole[:-1], whole[: len(whole) // 2], whole[:40], b"", b"<html>sign in</html>"):
        inputs.write_bytes(content)
        refused(tmp_path, "inputs.npy is cut, damaged, or no npy file")
    np.savez(inputs.with_suffix(""), inputs=np.zeros(3))
    inputs.with_suffix(".npz").replace(inputs)
    refused(tmp_path, "an npz, not an npy")
    for foreign, said in (
        (pickled, "cut, damaged, or no npy"),
        (np.zeros((FRAMES - 1, 2), np.float32), "holds codes [600, 2]"),
        (np.zeros((FRAMES - 1, 3, 64, 64), np.float32), "not float32 [N, 64, 64, 3]"),
        (np.zeros((FRAMES - 1, 64, 64, 3), np.uint8), "is uint8 [600, 64, 64, 3]"),
    ):
        saved(tmp_path, inputs=foreign)
        refused(tmp_path, said)
    inputs.write_bytes(whole)
    for foreign, said in (
        (pickled, "cut, damaged, or no npy"),
        (world.walk.actions.astype(float), "is float64 [600], not whole numbers [N]"),
        (world.walk.actions[:, None], "is int64 [600, 1]"),
        (world.walk.actions - 1, "is -1, not 0 to 3"),
        (world.walk.actions[:-5], "600 frames in inputs.npy, but 595 actions"),
    ):
        saved(tmp_path, actions=foreign)
        refused(tmp_path, said)
    actions.write_bytes(b"\x93NUMPY\x01\x00")
    refused(tmp_path, "actions.npy is cut")
    assert not list((tmp_path / "cache").glob("*.npy")), "what is refused leaves no store"


def test_files_that_are_not_there_are_named_with_what_makes_them(tmp_path, monkeypatch):
    monkeypatch.delenv("DISENTANGLEMENT_TRANSFER_DATA", raising=False)
    for look in (check, lambda root: RecordedFlatLand(root=root)):
        for root, said in ((str(tmp_path), f"inputs.npy with its actions.npy in {tmp_path}/flatland"), ("", "is not set")):
            with pytest.raises(UserError, match="public generator makes both: `python prepare_datasets.py fetch flatland_file`") as raised:
                look(root)
            assert said in str(raised.value) and "\n" not in str(raised.value)
    written(tmp_path)
    (tmp_path / "flatland" / "actions.npy").unlink()
    with pytest.raises(UserError, match=f"no actions.npy in {tmp_path}/flatland"):
        RecordedFlatLand(root=str(tmp_path))
    with pytest.raises(UserError, match="1 or 3"):
        RecordedFlatLand(channels=2, root=str(tmp_path))

"""The journal: rows of terms survive a resume exactly, progress tells rate and time left, events can be read."""

import numpy as np
import pytest
import torch

from foundation.errors import UserError
from results.journal import FolderJournal, load_checkpoint, load_weights, save_weights
from results.run_folder import StageFolder


def journal(tmp_path, tensorboard=False):
    (tmp_path / "run").mkdir(exist_ok=True)
    return FolderJournal(StageFolder(tmp_path / "run", "trained"), "run seed 0", tensorboard)


def test_resume_forgets_later_rows_and_a_torn_line(tmp_path):
    first = journal(tmp_path)
    for step in (5, 10, 15):
        first.report(step, {"objective": step / 3, "kl": 1.0})
    terms = tmp_path / "run/terms.csv"
    whole = terms.read_text().splitlines(keepends=True)
    terms.write_text("".join(whole) + "20,1.2")
    second = journal(tmp_path)
    second.resume(10)
    assert terms.read_text() == "".join(whole[:3])
    second.report(15, {"objective": 5.0, "kl": 1.0})
    assert terms.read_text() == "".join(whole)


def test_progress_is_one_plain_line_with_rate_and_time_left(tmp_path, capsys):
    log = journal(tmp_path)
    for step in range(1, 201):
        log.progress(step, 200, 3.5 if step % 100 == 0 else None)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "step 200 of 200" in lines[0] and "steps/s" in lines[0] and "left" in lines[0] and "objective 3.5" in lines[0]


def test_events_can_be_read_and_a_resume_purges_them(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = journal(tmp_path, tensorboard=True)
    for step in (5, 10):
        log.report(step, {"objective": float(step), "critic.guess": 1.0})
    log.close()
    again = journal(tmp_path, tensorboard=True)
    again.resume(5)
    again.report(10, {"objective": 7.0})
    again.close()
    events = EventAccumulator(str(tmp_path / "run/tensorboard"))
    events.Reload()
    assert {"objective", "critic/guess"} <= set(events.Tags()["scalars"])
    assert [(event.step, event.value) for event in events.Scalars("objective")] == [(5, 5.0), (10, 7.0)]


def test_weights_come_back_and_broken_ones_are_one_line(tmp_path):
    weights = {"a": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last), "b": torch.tensor(3)}
    save_weights(tmp_path / "model.safetensors", weights)
    loaded = load_weights(tmp_path / "model.safetensors")
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)
    (tmp_path / "model.safetensors").write_bytes(b"<html>")
    with pytest.raises(UserError, match="cannot read the weights"):
        load_weights(tmp_path / "model.safetensors")


def test_a_checkpoint_that_would_execute_something_is_refused_in_one_line(tmp_path):
    torch.save({"best": np.float64(1.0)}, tmp_path / "checkpoint.pt")
    with pytest.raises(UserError, match="cannot read the checkpoint .*; delete it to train from the beginning"):
        load_checkpoint(tmp_path / "checkpoint.pt")

"""The journal of a training run: checkpoints, best weights, terms.csv, TensorBoard events and progress, all in the run's folder."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError  # noqa: TID251 - what torch.load raises; nothing is unpickled
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as serialise
from torch import Tensor
from tqdm import tqdm

from foundation.atomic_files import atomic_open, disk_errors
from foundation.errors import UserError
from results.run_folder import StageFolder
from training.journal import State

LINE_EVERY = 30.0


class FolderJournal:
    """Keeps a stage folder while its model trains. `title` heads the progress; TensorBoard events are written where `tensorboard`."""

    def __init__(self, folder: StageFolder, title: str, tensorboard: bool = True) -> None:
        self.folder, self.title, self.tensorboard = folder, title, tensorboard
        self._columns: list[str] = []
        self._writer: Any = None
        self._bar: tqdm | None = None
        self._begun, self._first, self._line = 0.0, 0, 0.0
        self._objective: float | None = None

    def load(self) -> State | None:
        return load_checkpoint(self.folder.checkpoint) if self.folder.checkpoint.exists() else None

    def save(self, state: State) -> None:
        serialised = io.BytesIO()
        torch.save(dict(state), serialised)  # in memory first: its own file writer hides what the disk says
        with atomic_open(self.folder.checkpoint, "wb") as file:
            file.write(serialised.getbuffer())
        self.folder.update_status(state="training", step=state["step"])

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        save_weights(self.folder.best_weights, weights)

    def resume(self, step: int) -> None:
        if self.folder.terms.exists():
            with open(self.folder.terms, encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file))
            self._columns = rows[0] if rows else []
            whole = [row for row in rows[1:] if len(row) == len(self._columns) and row[0].isdigit() and int(row[0]) <= step]
            with atomic_open(self.folder.terms) as file:
                csv.writer(file, lineterminator="\n").writerows([self._columns, *whole])
        if self.tensorboard:
            self._open_events(purge=step + 1)

    def report(self, step: int, terms: Mapping[str, float]) -> None:
        fresh = not self.folder.terms.exists()
        with disk_errors(self.folder.terms), open(self.folder.terms, "a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if fresh:
                self._columns = ["step", *terms]
                writer.writerow(self._columns)
            writer.writerow([step, *(f"{terms.get(name, float('nan')):.8g}" for name in self._columns[1:])])
        if self.tensorboard:
            if self._writer is None:
                self._open_events(purge=None)
            for name, value in terms.items():
                self._writer.add_scalar(name.replace(".", "/"), value, step)

    def progress(self, step: int, steps: int, objective: float | None) -> None:
        now = time.monotonic()
        if not self._begun:
            self._begun, self._first, self._line = now, step - 1, now
            self._bar = tqdm(desc=self.title, total=steps, initial=step - 1, unit="step", disable=None, dynamic_ncols=True, file=sys.stderr)
        assert self._bar is not None
        self._objective = objective if objective is not None else self._objective
        self._bar.update(1)
        if objective is not None:
            self._bar.set_postfix_str(f"objective {objective:.4g}", refresh=False)
        if self._bar.disable and (now - self._line > LINE_EVERY or step == steps):
            self._line = now
            rate = (step - self._first) / max(now - self._begun, 1e-9)
            shown = "" if self._objective is None else f", objective {self._objective:.5g}"
            self._say(f"{self.title}: step {step:,} of {steps:,}, {rate:.3g} steps/s, {_duration((steps - step) / rate)} left{shown}")
        if step == steps:
            self._bar.close()

    def warn(self, message: str) -> None:
        self._say(f"warning: {message}")

    def close(self) -> None:
        """Ends the progress bar and the TensorBoard events."""
        if self._bar is not None:
            self._bar.close()
        if self._writer is not None:
            self._writer.close()

    def _open_events(self, purge: int | None) -> None:
        from torch.utils.tensorboard import SummaryWriter  # a second of start-up that --no_tensorboard saves

        with disk_errors(self.folder.events):
            self._writer = SummaryWriter(str(self.folder.events), purge_step=purge)

    @staticmethod
    def _say(line: str) -> None:
        tqdm.write(line, file=sys.stderr)


def load_checkpoint(path: Path) -> State:
    """A checkpoint, read without executing anything. Raises UserError where it is broken."""
    try:
        state: State = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, UnpicklingError) as error:
        raise UserError(f"cannot read the checkpoint {path}: {_first_line(error)}; delete it to train from the beginning") from error
    return state


def save_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Writes weights as safetensors, atomically."""
    with atomic_open(path, "wb") as file:
        file.write(serialise({name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}))


def load_weights(path: Path) -> dict[str, Tensor]:
    """Reads safetensors. Raises UserError where the file is missing or broken."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise UserError(f"cannot read the weights {path}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"

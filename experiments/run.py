"""One run of one experiment: its folder, its options, its identity, and who may work on it."""

from __future__ import annotations

import contextlib
import fcntl
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import torch

from datasets.batches import Observed
from experiments.catalogue import OpenExperiment
from experiments.experiment import Experiment
from foundation.atomic_files import disk_errors, write_text
from foundation.errors import UserError
from foundation.threads import allotted_threads
from models.model import Model
from results.run_folder import RunFolder, StageFolder, write_json
from training.fit import Interrupted
from training.noise import noise

LIBRARIES = ("torch", "numpy", "scikit-learn", "pandas", "gin-config")


@dataclass(frozen=True)
class Options:
    """What the command line chooses, beside the experiments: none of it changes what a run is."""

    output: Path
    device: torch.device
    steps: int | None = None
    only: str | None = None
    weights: Path | None = None
    accept_change: bool = False
    tensorboard: bool = True
    overrides: Sequence[str] = ()
    source_overrides: Sequence[str] = ()
    interrupted: Callable[[], bool] = field(default=lambda: False)
    say: Callable[[str], None] = field(default=lambda line: None)

    def does(self, part: str) -> bool:
        """Whether a part of the work (train, represent, score) is wanted. Scores of weights that were brought need their codes first."""
        return self.only in (None, part) or (self.weights is not None and (self.only, part) == ("score", "represent"))


def chosen_device(name: str) -> torch.device:
    """`auto` is CUDA where there is any. Raises UserError where CUDA is asked for and missing."""
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("--device cuda: no CUDA device is available; use --device cpu")
    device = torch.device("cuda", 0) if name != "cpu" and torch.cuda.is_available() else torch.device("cpu")
    torch.set_num_threads(allotted_threads())
    torch.backends.cudnn.deterministic = True
    return device


def build(experiment: Experiment, seed: int) -> Model:
    """The experiment's model at initialisation: a function of the seed."""
    with noise(seed, "init"):
        return experiment.model(experiment.source.spec)


def data_label(experiment: Experiment) -> tuple[str, str]:
    """What tables call the data of an experiment, and one line on where it came from."""
    source = experiment.source
    if not isinstance(source, Observed):
        return type(source).__name__, "drawn from a law"
    rendered = source.dataset.provenance.startswith("rendered")
    return source.dataset.name + (" (rendered)" if rendered else ""), source.dataset.provenance


def model_label(model: Model) -> str:
    """What tables call a model: its loss and, where it has one, its network."""
    network = getattr(model, "network", None)
    return type(model).__name__ + (f" / {type(network).__name__}" if network is not None else "")


def enter(folder: StageFolder, run: RunFolder, opened: OpenExperiment, options: Options, begins_from: Sequence[str] = ()) -> None:
    """Prepares a stage folder: refuses one of another identity, and records configuration, environment and identity.

    `begins_from` are further lines of identity: the weights that the stage starts from.
    """
    data, provenance = data_label(opened.experiment)
    identity = [*opened.identity, f"data = {data}", *begins_from]
    status = folder.read_status()
    accepted: list[object] = status.get("accepted_changes", [])
    if status.get("identity", identity) != identity:
        change = _difference(status["identity"], identity)
        if not options.accept_change:
            raise UserError(
                f"{folder.path} was made with another configuration: {change}; choose another --output or seed, "
                "or carry on in it all the same with --accept_change"
            )
        accepted.append({"step": status.get("step", 0), "change": change})
        options.say(f"accepted change: {change}")
    write_text(folder.config, opened.configuration.text)
    write_json(folder.settings, opened.configuration.settings)
    write_json(folder.environment, environment(options.device))
    folder.update_status(
        experiment=run.experiment,
        seed=run.seed,
        stage=folder.stage,
        dataset=data,
        provenance=provenance,
        identity=identity,
        accepted_changes=accepted,
        error=None,
    )


def _difference(before: Sequence[str], now: Sequence[str]) -> str:
    """The first values that differ, in words."""
    old, new = (dict(line.split(" = ", 1) for line in lines) for lines in (before, now))
    changed = [name for name in [*old, *(name for name in new if name not in old)] if old.get(name) != new.get(name)]
    words = [f"{name} = {old.get(name, 'not set')} there, {new.get(name, 'not set')} here" for name in changed[:3]]
    return "; ".join(words) + (f"; and {len(changed) - 3} more" if len(changed) > 3 else "")


def environment(device: torch.device) -> dict[str, object]:
    """What a run depended on beside its configuration."""
    root = Path(__file__).resolve().parent.parent

    def git(*words: str) -> str:
        try:
            return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return "unknown"

    return {
        "commit": git("rev-parse", "HEAD"),
        "changed_files": [line for line in git("status", "--porcelain", "--untracked-files=no").splitlines() if line != "unknown"],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "platform": platform.platform(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "command": " ".join(sys.argv),
    }


@contextlib.contextmanager
def claimed(run: RunFolder, say: Callable[[str], None]) -> Iterator[None]:
    """Keeps other processes out of a run folder for the length of a block; waits, and says so, where another is in it."""
    with disk_errors(run.path):
        run.path.mkdir(parents=True, exist_ok=True)
        lock = open(run.path / ".lock", "w", encoding="utf-8")  # noqa: SIM115  (held open for the whole block)
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is working in {run.path}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def failures_recorded(folder: StageFolder) -> Iterator[None]:
    """Records in the status why a stage failed or stopped, so that tables can tell; the error goes on its way."""
    try:
        yield
    except Exception as error:
        if folder.status.exists():
            reason = next(iter(str(error).splitlines()), "") or type(error).__name__
            folder.update_status(state="stopped" if isinstance(error, Interrupted) else "failed", error=reason)
        raise


@contextlib.contextmanager
def stop_signals() -> Iterator[Callable[[], bool]]:
    """While open, SIGTERM and SIGUSR1 (what schedulers send before they kill) ask training to stop at the end of a step."""
    asked: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: asked.append(number)) for number in (signal.SIGTERM, signal.SIGUSR1)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""The experiments of the project: files in configs/experiments/, found by name and opened as Experiments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.experiment import Experiment
from foundation.errors import UserError
from settings.opening import Opened, opened
from settings.reading import ROOT

EXPERIMENTS = ROOT / "configs" / "experiments"
# What shapes the weights of a run, and so tells one run from another; these parameters of it do not.
IDENTIFYING = ("source", "model", "training", "selection", "start")
FREE = tuple(f"training.training.Training.{name}" for name in ("steps", "report_every", "checkpoint_every"))


@dataclass(frozen=True)
class OpenExperiment:
    """An experiment that is open: its name, itself, and the configuration that it was built from."""

    name: str
    configuration: Opened[Experiment]

    @property
    def experiment(self) -> Experiment:
        return self.configuration.built

    @property
    def identity(self) -> tuple[str, ...]:
        """One line for every value that shapes the weights."""
        return tuple(sorted({line for part in IDENTIFYING for line in self.configuration.parts[part]}))


def experiment_names() -> list[str]:
    """Names of the files in configs/experiments/."""
    return sorted(path.stem for path in EXPERIMENTS.glob("*.gin"))


def locate(name: str) -> tuple[str, Path]:
    """Name and file of an experiment, given as a name in configs/experiments/ or as the path of a .gin file (of a run folder, say)."""
    path = Path(name) if name.endswith(".gin") else EXPERIMENTS / f"{name}.gin"
    if not path.is_file():
        raise UserError(f"there is no experiment {name!r}; experiments are: {', '.join(experiment_names())}")
    # The configuration of a run folder, output/<experiment>/<seed>/config.gin, is that experiment.
    title = path.resolve().parent.parent.name if path.name == "config.gin" else path.stem
    if "_to_" in title:
        raise UserError(f"an experiment cannot be called {title!r}: '_to_' stands between the Source and the Target of a transfer")
    return title, path


@contextlib.contextmanager
def open_experiment(name: str, overrides: Sequence[str] = ()) -> Iterator[OpenExperiment]:
    """Opens an experiment by name or path, with bindings applied last; everything of it is built inside the block."""
    title, path = locate(name)
    with opened(path, Experiment, overrides, FREE) as configuration:
        yield OpenExperiment(title, configuration)

"""The run folder: the only file that knows what the products of a run are called and where they lie.

    output/<experiment>/<seed>/                     a Source: stage `trained`, and in untrained/ the same network at initialisation
    output/<source>_to_<target>/<seed>/<stage>/     a transfer: stages `untrained`, `before`, `after`

Each stage holds config.gin, settings.json, environment.json, status.json, terms.csv, checkpoint.pt, model.safetensors,
best.safetensors, representations/<sample>/, scores.json, matrices.json, refusals.json, figures/. Figures of all seeds of an
experiment together lie in output/<experiment>/figures/. Every file is renamed into
place when it is whole: what exists is complete.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foundation.atomic_files import write_text
from foundation.errors import UserError
from metrics.scores import Matrix, Refusal, Row, Scores

TRAINED, UNTRAINED, BEFORE, AFTER = "trained", "untrained", "before", "after"

RECONSTRUCTIONS, SAMPLES, LOSSES = "reconstructions.png", "samples.png", "losses.png"
TRAVERSAL, TRAVERSAL_ANIMATION = "traversal.png", "traversal.gif"
ACTIONS, ACTIONS_ANIMATION, ORBITS, ANGLES = "actions.png", "actions.gif", "orbits.png", "angles.png"
LATENT_SPACE, RECONSTRUCTION, PREDICTION, SYMMETRY = "latent_space.png", "reconstruction.png", "prediction.png", "symmetry.png"
SWAPS = "swaps.png"
LEARNING_CURVES = "learning_curves.png"


@dataclass(frozen=True)
class StageFolder:
    """The products of one stage of one run."""

    path: Path
    stage: str

    @property
    def config(self) -> Path:
        return self.path / "config.gin"

    @property
    def settings(self) -> Path:
        return self.path / "settings.json"

    @property
    def environment(self) -> Path:
        return self.path / "environment.json"

    @property
    def status(self) -> Path:
        return self.path / "status.json"

    @property
    def terms(self) -> Path:
        return self.path / "terms.csv"

    @property
    def events(self) -> Path:
        return self.path / "tensorboard"

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint.pt"

    @property
    def weights(self) -> Path:
        return self.path / "model.safetensors"

    @property
    def best_weights(self) -> Path:
        return self.path / "best.safetensors"

    @property
    def scores(self) -> Path:
        return self.path / "scores.json"

    @property
    def matrices(self) -> Path:
        return self.path / "matrices.json"

    @property
    def refusals(self) -> Path:
        return self.path / "refusals.json"

    @property
    def figures(self) -> Path:
        return self.path / "figures"

    def figure(self, name: str) -> Path:
        """One figure, by a name of those above, or `<matrix>.png`."""
        return self.figures / name

    def representation(self, sample: str) -> Path:
        """Folder of the saved representation of one sample."""
        return self.path / "representations" / sample

    def read_status(self) -> dict[str, Any]:
        """What the run said of itself last; empty where it has not begun."""
        return read_object(self.status) if self.status.exists() else {}

    def update_status(self, **changes: object) -> None:
        """Changes some entries of the status and keeps the others."""
        write_json(self.status, {**self.read_status(), **changes})

    def write_scores(self, scores: Sequence[Scores]) -> None:
        """Saves the rows, the matrices and the refusals of all metrics; scores.json comes last, so that its presence means all."""
        matrices: dict[str, Matrix] = {}
        for one in scores:
            for name, matrix in one.matrices.items():
                # A metric that was computed on several samples: the first keeps the plain name.
                setting = next(iter(one.rows)).setting if one.rows else {}
                told = "_".join([name, *(str(setting[key]) for key in ("sample", "mode") if key in setting)])
                matrices[told if name in matrices else name] = matrix
        refusals = [refusal for one in scores for refusal in one.refusals]
        write_json(self.refusals, [vars(refusal) for refusal in refusals])
        write_json(
            self.matrices,
            {name: {"rows": m.rows, "columns": m.columns, "values": m.values.tolist()} for name, m in matrices.items()},
        )
        write_json(self.scores, [row.as_json() for one in scores for row in one.rows])

    def read_rows(self) -> list[Row]:
        """The rows of scores.json; UserError where it holds anything else, and so for what follows."""
        with well_formed(self.scores):
            return [
                Row(row["metric"], dict(row["setting"]), row["factor"], math.nan if row["value"] is None else float(row["value"]))
                for row in read_json(self.scores)
            ]

    def read_matrices(self) -> dict[str, Matrix]:
        """The matrices that the metrics left for heat maps."""
        with well_formed(self.matrices):
            return {
                name: Matrix(np.array(m["values"], dtype=float), tuple(m["rows"]), tuple(m["columns"]))
                for name, m in read_object(self.matrices).items()
            }

    def read_refusals(self) -> list[Refusal]:
        """What could not be computed, and why."""
        with well_formed(self.refusals):
            return [Refusal(one["metric"], one["factor"], one["reason"]) for one in read_json(self.refusals)]


@dataclass(frozen=True)
class RunFolder:
    """One seed of one experiment: `output/<experiment>/<seed>/`."""

    output: Path
    experiment: str
    seed: int

    @property
    def path(self) -> Path:
        return self.output / self.experiment / str(self.seed)

    @property
    def is_transfer(self) -> bool:
        return is_transfer(self.experiment)

    def stage(self, stage: str) -> StageFolder:
        """The folder of a stage; the trained stage of a Source is the run folder itself."""
        return StageFolder(self.path if stage == TRAINED else self.path / stage, stage)

    @property
    def stages(self) -> tuple[StageFolder, ...]:
        """The stages that a complete run of this kind has, in the order of tables."""
        names = (UNTRAINED, BEFORE, AFTER) if self.is_transfer else (UNTRAINED, TRAINED)
        return tuple(self.stage(name) for name in names)


def is_transfer(experiment: str) -> bool:
    """Whether this is the name of a transfer, SOURCE_to_TARGET."""
    return "_to_" in experiment


def experiment_figure(output: Path, experiment: str, name: str) -> Path:
    """A figure of all seeds of an experiment together."""
    return output / experiment / "figures" / name


def source_and_target(experiment: str) -> tuple[str, str]:
    """The two names in the name of a transfer."""
    source, _, target = experiment.partition("_to_")
    return source, target


def runs_of(output: Path, experiment: str) -> list[RunFolder]:
    """All seeds of an experiment, in order. Raises UserError where there are none."""
    folder = output / experiment
    seeds = sorted(int(path.name) for path in folder.iterdir() if path.is_dir() and path.name.isdigit()) if folder.is_dir() else []
    if not seeds:
        present = sorted(path.name for path in output.iterdir() if path.is_dir()) if output.is_dir() else []
        raise UserError(f"there are no runs of {experiment!r} in {output}; experiments there: {', '.join(present) or 'none'}")
    return [RunFolder(output, experiment, seed) for seed in seeds]


def read_json(path: Path) -> Any:
    """A JSON file of a run; UserError where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}; delete it and run the stage again") from error


def read_object(path: Path) -> dict[str, Any]:
    """A JSON file that holds names and values; UserError where it holds anything else."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise UserError(f"{path} should hold names and values, not {type(content).__name__}; delete it and run the stage again")
    return content


@contextlib.contextmanager
def well_formed(path: Path) -> Iterator[None]:
    """Turns what goes wrong in the block with the content of a file into a UserError that names the file."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} does not hold what it should ({error!r}); delete it and run the stage again") from error


def write_json(path: Path, content: Mapping[str, object] | Sequence[object]) -> None:
    """Writes a JSON file atomically."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

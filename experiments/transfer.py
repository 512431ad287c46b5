"""The recipes: a Source is trained, represented and scored; a transfer begins from its weights, and is scored before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from experiments.catalogue import OpenExperiment, open_experiment
from experiments.run import Options, build, claimed, enter, failures_recorded
from experiments.stages import digest, headline, represent_and_score, take_weights, train, trained_weights
from foundation.errors import UserError
from models.model import Model
from results.journal import load_checkpoint, load_weights
from results.run_folder import AFTER, BEFORE, TRAINED, UNTRAINED, RunFolder, StageFolder
from training.start import load_parts


def run_source(name: str, seed: int, options: Options, overrides: tuple[str, ...] = ()) -> RunFolder:
    """Trains, represents and scores one seed of an experiment; beside it, the same network untrained."""
    with open_experiment(name, overrides) as source:
        run = RunFolder(options.output, source.name, seed)
        with claimed(run, options.say):
            stage = run.stage(TRAINED)
            model = build(source.experiment, seed)
            given = load_weights(options.weights) if options.weights else None
            begins_from, optimiser_start = _begin(model, source, seed, options) if given is None else _given(model, given, options)
            enter(stage, run, source, options, begins_from)
            options.say(f"{source.name} seed {seed} -> {run.path}; data: {stage.read_status()['provenance']}")
            with failures_recorded(stage):
                if given is not None:
                    take_weights(stage, model)
                elif options.does("train"):
                    train(stage, run, source, options, model, optimiser_start)
                if options.only == "train":
                    return run
                weights = trained_weights(stage)
            _baseline(run, source, options)
            represent_and_score(stage, run, source, options, weights)
            _tell(stage, run, options)
    return run


def run_transfer(source_name: str, target_name: str, seed: int, options: Options) -> RunFolder:
    """Carries one seed of a Source over to a Target: scores before, fine-tunes, scores after. Trains the Source where it is missing."""
    source_options = options if options.only == "train" else replace(options, only=None)
    source_run = run_source(source_name, seed, source_options, tuple(options.source_overrides))
    source_stage = source_run.stage(TRAINED)
    weights = trained_weights(source_stage)
    origin = f"source.weights = {source_run.experiment} {digest(weights)}"
    with open_experiment(target_name, options.overrides) as target:
        start = target.experiment.start
        if start is None or start.experiment is not None:
            raise UserError(f"{target.name} is no Target: its configuration has no Experiment.start, or one that names an experiment")
        run = RunFolder(options.output, f"{source_run.experiment}_to_{target.name}", seed)
        with claimed(run, options.say):
            before, after = run.stage(BEFORE), run.stage(AFTER)
            model = build(target.experiment, seed)
            load_parts(model, weights, start.parts, source_run.experiment)
            for stage in (before, after):
                enter(stage, run, target, options, [origin])
            options.say(f"{run.experiment} seed {seed} -> {run.path}; data: {after.read_status()['provenance']}")
            begun = {name: value.clone() for name, value in model.state_dict().items()}
            if options.only != "train":
                _baseline(run, target, options)
                represent_and_score(before, run, target, options, begun)
                _tell(before, run, options)
            with failures_recorded(after):
                if options.does("train"):
                    kept = load_checkpoint(source_stage.checkpoint)["optimisers"] if start.optimiser else None
                    train(after, run, target, options, model, kept)
                if options.only == "train":
                    return run
                represent_and_score(after, run, target, options, trained_weights(after))
            _tell(after, run, options)
    return run


def _begin(model: Model, experiment: OpenExperiment, seed: int, options: Options) -> tuple[list[str], dict[str, Any] | None]:
    """Loads the weights of the pretraining that an experiment names; returns the lines of identity and the optimiser states."""
    start = experiment.experiment.start
    if start is None or start.experiment is None:
        return [], None
    pretrained = RunFolder(options.output, start.experiment, seed).stage(TRAINED)
    if not pretrained.weights.exists():
        raise UserError(
            f"{experiment.name} begins from {start.experiment}, seed {seed}; run --source {start.experiment} --seed {seed} first"
        )
    weights = trained_weights(pretrained)
    load_parts(model, weights, start.parts, start.experiment)
    kept = load_checkpoint(pretrained.checkpoint)["optimisers"] if start.optimiser else None
    return [f"source.weights = {start.experiment} {digest(weights)}"], kept


def _given(model: Model, weights: Mapping[str, Tensor], options: Options) -> tuple[list[str], None]:
    """Loads weights that were brought, all of them but for the scaffold strictly; returns the line of identity."""
    scaffold = {name: value for name, value in model.state_dict().items() if name.partition(".")[0] in model.scaffold}
    try:
        model.load_state_dict({**scaffold, **weights}, strict=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"the weights {options.weights} do not fit {type(model).__name__} as configured: {reason}") from error
    return [f"weights = given {digest(weights)}"], None


def _baseline(run: RunFolder, experiment: OpenExperiment, options: Options) -> None:
    """The same network at initialisation, on the same data: what every table is read against."""
    stage = run.stage(UNTRAINED)
    enter(stage, run, experiment, options)
    represent_and_score(stage, run, experiment, options, None)
    _tell(stage, run, options)


def _tell(stage: StageFolder, run: RunFolder, options: Options) -> None:
    if stage.scores.exists():
        options.say(f"{run.experiment} seed {run.seed}, {stage.stage}: {headline(stage)}")

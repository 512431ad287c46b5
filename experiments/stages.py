"""The parts of every stage, as prose: train it, represent it, score it, draw it. Each skips what is complete and up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from experiments import pictures
from experiments.catalogue import OpenExperiment
from experiments.run import Options, build, failures_recorded, model_label
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.reference_codes import ReferenceCodes
from metrics.representation import Representation
from metrics.representation_files import load_representation, save_representation
from metrics.scores import Scores
from models.model import Model, Representer
from representation import SAMPLE_SEED, encoded
from results.collect import setting_of, setting_text
from results.journal import FolderJournal, load_weights, save_weights
from results.measures import HEADLINE
from results.run_folder import RunFolder, StageFolder
from training.fit import fit


def train(
    folder: StageFolder,
    run: RunFolder,
    opened: OpenExperiment,
    options: Options,
    model: Model,
    optimiser_start: Mapping[str, Any] | None = None,
) -> None:
    """Trains the model of a stage up to the wanted step, from its last checkpoint where there is one."""
    experiment = opened.experiment
    steps = experiment.training.steps if options.steps is None else min(options.steps, experiment.training.steps)
    folder.update_status(steps=steps, model=model_label(model))
    if folder.weights.exists() and int(folder.read_status().get("step", 0)) >= steps:
        return
    journal = FolderJournal(folder, f"{run.experiment} seed {run.seed}", options.tensorboard)
    try:
        step = fit(
            model,
            experiment.source,
            experiment.training,
            journal,
            run.seed,
            device=options.device,
            steps=steps,
            selection=experiment.selection,
            optimiser_start=optimiser_start,
            interrupted=options.interrupted,
        )
    finally:
        journal.close()
    save_weights(folder.weights, model.state_dict())
    folder.update_status(state="trained", step=step)


def take_weights(folder: StageFolder, model: Model) -> None:
    """Makes the weights of a model those of the stage, which then is not trained."""
    save_weights(folder.weights, model.state_dict())
    folder.update_status(state="trained", step=0, steps=0, model=model_label(model))


def trained_weights(folder: StageFolder) -> dict[str, Tensor]:
    """The weights that stand for a run: the best where a selection kept them, else the last."""
    if not folder.weights.exists():
        raise UserError(f"nothing is trained in {folder.path}; run it without --only first")
    return load_weights(folder.best_weights if folder.best_weights.exists() else folder.weights)


def digest(weights: Mapping[str, Tensor]) -> str:
    """A name for weights: equal only for equal bits."""
    total = hashlib.sha256()
    for name in sorted(weights):
        total.update(name.encode())
        total.update(weights[name].detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()[:16]


def represent_and_score(
    folder: StageFolder, run: RunFolder, opened: OpenExperiment, options: Options, weights: Mapping[str, Tensor] | None
) -> None:
    """Saves the representations of a stage and scores them. `weights` None means the network at initialisation."""
    model = build(opened.experiment, run.seed)
    if weights is not None:
        model.load_state_dict(dict(weights))
    model.to(options.device).eval()
    folder.update_status(model=model_label(model))
    wanted = {"weights": digest(model.state_dict()), "samples": list(opened.configuration.parts["samples"])}
    with failures_recorded(folder):
        if options.does("represent") and folder.read_status().get("represented") != wanted:
            folder.update_status(represented=None)  # a kill in between must not leave old words beside new files
            _represent(folder, run, opened, options, model)
            folder.update_status(state="represented", represented=wanted)
        if not options.does("score"):
            return
        represented = folder.read_status().get("represented")
        if represented != wanted:
            raise UserError(f"the representations in {folder.path} are missing or of other weights or samples; run it without --only first")
        scored = {**wanted, "scores": [*opened.configuration.parts["scores"], *opened.configuration.parts["model_scores"]]}
        if options.only == "score" or folder.read_status().get("scored") != scored or not folder.scores.exists():
            folder.update_status(scored=None)
            _score(folder, run, opened, model)
            pictures.draw(folder, run, opened.experiment, model, options.device)
            folder.update_status(scored=scored)
        folder.update_status(state="complete")


def _represent(folder: StageFolder, run: RunFolder, opened: OpenExperiment, options: Options, model: Model) -> None:
    for name, sample in opened.experiment.samples.items():
        drawn = sample.draw(opened.experiment.source, stream(SAMPLE_SEED, "sample", name))
        codes = encoded(model, drawn, run.seed, name, options.device)
        blocks = model.blocks if isinstance(model, Representer) else {}
        save_representation(folder.representation(name), codes, drawn.factors, drawn.factor_space, sample=name, blocks=blocks)
        options.say(f"{run.experiment} seed {run.seed}, {folder.stage}: represented {len(drawn.indices):,} rows ({name})")


def _score(folder: StageFolder, run: RunFolder, opened: OpenExperiment, model: Model) -> None:
    found: list[Scores] = []
    codes: dict[tuple[str, str], Representation] = {}
    references: dict[tuple[str, ...], ReferenceCodes] = {}  # once for each part: metrics share fits of the same codes
    for name, score in opened.experiment.scores.items():
        part = () if score.block is None else (score.block,)
        for sample in score.samples:
            for mode in score.modes:
                if (sample, mode) not in codes:
                    codes[sample, mode] = load_representation(folder.representation(sample), mode)
                whole, key = codes[sample, mode], (sample, mode, *part)
                if key not in references:
                    references[key] = ReferenceCodes(score.part(whole), stream(run.seed, "shuffled", *key))
                found.append(score(whole, stream(run.seed, "score", name, sample, mode), references[key]))
    for name, model_score in opened.experiment.model_scores.items():
        found.append(model_score(model, opened.experiment.source, stream(run.seed, "score", name)))
    folder.write_scores(found)


def headline(folder: StageFolder) -> str:
    """The scores of a stage in a few words."""
    overall = [row for row in folder.read_rows() if row.factor is None]
    told = []
    for measure in HEADLINE:
        rows = [row for row in overall if row.metric == measure.metric and measure.fits(setting_of(setting_text(row.setting)))]
        if measure.told and rows:
            unit = f" {measure.unit}" if measure.unit and not measure.points else ""
            told.append(f"{measure.name} {rows[0].value:.{measure.digits}f}{unit}")
    return ", ".join(told)

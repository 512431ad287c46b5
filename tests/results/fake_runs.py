"""Run folders as a training would leave them, with scores that can be worked out by hand, and no training.

Every score is base(stage) + 0.02 * seed + 0.1 * alpha + an offset per factor (-0.1, 0, +0.1: they cancel in the mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from metrics.scores import Matrix, Refusal, Row, Scores
from results.pictures import dimension_label, random_samples, reconstructions, traversal
from results.run_folder import (
    AFTER,
    BEFORE,
    RECONSTRUCTIONS,
    SAMPLES,
    TRAINED,
    TRAVERSAL,
    TRAVERSAL_ANIMATION,
    UNTRAINED,
    RunFolder,
    StageFolder,
    write_json,
)
from results.stage_charts import draw_charts

FACTORS = ("floor_hue", "shape", "scale")
OFFSETS = (-0.1, 0.0, 0.1)
BASES = {UNTRAINED: 0.2, TRAINED: 0.6, BEFORE: 0.3, AFTER: 0.5}
SOURCE, TRANSFER = "weak_dsprites_color", "weak_dsprites_color_to_3dshapes"


def write_run(
    output: Path,
    experiment: str,
    seed: int,
    *,
    stages: Sequence[str] | None = None,
    beta: float = 1.0,
    downstream: bool = False,
    without_number: str | None = None,
    pictures: bool = False,
) -> RunFolder:
    """Writes the complete stages of one run; `without_number`: a factor whose scores are refused."""
    run = RunFolder(output, experiment, seed)
    for stage in run.stages:
        if stages is None or stage.stage in stages:
            _write_stage(run, stage, beta, downstream, without_number)
            if pictures:
                _draw(stage)
    return run


def fail(stage: StageFolder, error: str) -> None:
    """Leaves a stage as a failed training does."""
    stage.update_status(state="failed", step=120, steps=3000, error=error, dataset="3dshapes (rendered)", model="VAE / EfficientNetwork")


def omes(stage: str, seed: int, alpha: float) -> float:
    """The mean over factors that a fake run holds."""
    return BASES[stage] + 0.02 * seed + 0.1 * alpha


def _write_stage(run: RunFolder, stage: StageFolder, beta: float, downstream: bool, without_number: str | None) -> None:
    on_source = not run.is_transfer
    stage.update_status(
        state="complete",
        step=3000,
        steps=3000,
        experiment=run.experiment,
        seed=run.seed,
        stage=stage.stage,
        dataset="dsprites-color (rendered)" if on_source else "3dshapes (rendered)",
        provenance="drawn by the embedded renderer; the published file is not there",
        model="WeakVAE / EfficientNetwork" if on_source else "VAE / EfficientNetwork",
        error=None,
    )
    model = "models.weak_vae.WeakVAE" if on_source else "models.vae.VAE"
    parts = {"Start.parts": ["network"], "Experiment.samples": {"uniform": "@representation.Uniform"}}
    write_json(stage.settings, {"beta": beta, f"{model}.beta": beta, "training.training.Training.steps": 3000, **parts})
    write_json(stage.environment, {"commit": "0123abc", "python": "3.11.7", "torch": "2.9.0", "device": "cpu", "threads": 2})
    if stage.stage in (TRAINED, AFTER):
        steps = np.arange(0, 3000, 50)
        terms = np.column_stack([steps, 500 + 400 * np.exp(-steps / 200), 480 + 400 * np.exp(-steps / 200), 20 - 20 * np.exp(-steps / 500)])
        lines = ["step,objective,reconstruction,kl", *(f"{row[0]:.0f},{row[1]},{row[2]},{row[3]}" for row in terms)]
        stage.terms.write_text("\n".join(lines) + "\n")
    refusals = [Refusal("omes", without_number, "no two samples differ in it alone")] if without_number else []
    association = Matrix(np.clip(np.eye(5, 3) + 0.1 * run.seed, 0, 1), tuple(map(str, range(5))), FACTORS)
    stage.write_scores([Scores(_rows(stage.stage, run.seed, downstream, without_number), {"association": association}, refusals)])


def _rows(stage: str, seed: int, downstream: bool, without_number: str | None) -> list[Row]:
    def with_factors(metric: str, setting: dict[str, str | float], mean: float) -> list[Row]:
        by_factor = [Row(metric, setting, f, np.nan if f == without_number else mean + o) for f, o in zip(FACTORS, OFFSETS, strict=True)]
        return [Row(metric, setting, None, mean), *by_factor]

    rows = []
    for sample, shift in (("uniform", -0.05), ("intervention", 0.0)):
        common: dict[str, str | float] = {"sample": sample, "mode": "mean", "estimator": "exact"}
        for alpha in (1.0, 0.5, 0.0):
            for pooling in ("max", "avg"):
                setting = {"pooling": pooling, "alpha": alpha, **common}
                rows += with_factors("omes", setting, omes(stage, seed, alpha) + shift - (0.1 if pooling == "avg" else 0.0))
                rows += [Row("omes_ceiling", setting, None, 0.83), Row("omes_null", setting, None, 0.15)]
        rows += [Row("omes_pairs", common, factor, 6000.0) for factor in FACTORS]
    rows += with_factors("mig", {"bins": 20, "sample": "uniform", "mode": "mean"}, BASES[stage] / 2)
    rows += [Row("mig_ceiling", {"bins": 20, "sample": "uniform", "mode": "mean"}, None, 0.98)]
    rows += [Row("elbo", {"observations": 2048}, None, -500.0 - seed), Row("reconstruction", {"observations": 2048}, None, 480.0)]
    if downstream:
        for model in ("gbt", "mlp"):
            rows += with_factors("downstream", {"model": model, "dimensions": "all"}, BASES[stage] + 0.4)
            rows += with_factors("downstream", {"model": model, "dimensions": "pruned"}, BASES[stage] + 0.3)
    return rows


def _draw(stage: StageFolder) -> None:
    y, x = np.mgrid[:64, :64] / 64

    def disc(size: float, place: float) -> np.ndarray:
        inside = np.clip((size**2 - (x - place) ** 2 - (y - 0.5) ** 2) * 300 + 0.5, 0, 1)
        return np.stack([inside * 0.9, inside * 0.5, inside * place])

    originals = np.stack([disc(0.1 + 0.02 * i, 0.3 + 0.04 * i) for i in range(8)])
    reconstructions(originals, originals * 0.9, stage.figure(RECONSTRUCTIONS))
    random_samples(originals[::-1], stage.figure(SAMPLES))
    frames = np.stack([np.stack([disc(0.1 + 0.03 * s * (d % 2), 0.3 + 0.05 * s * (d > 2)) for s in range(9)]) for d in range(5)])
    labels = [dimension_label(d, 2.5 / (d + 1), FACTORS[d] if d < 3 else None) for d in range(5)]
    traversal(frames, labels, np.linspace(-2, 2, 9), stage.figure(TRAVERSAL), stage.figure(TRAVERSAL_ANIMATION))
    draw_charts(stage)

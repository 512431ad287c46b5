"""One HTML file that shows what was run, what came of it and what is missing: pictures embedded, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd

from foundation.atomic_files import write_text
from foundation.errors import UserError
from results.collect import Collected, collect
from results.experiment_charts import draw_learning_curves
from results.report_numbers import Strip, headline_strips, headline_tables, runs_table
from results.run_folder import (
    ACTIONS_ANIMATION,
    ANGLES,
    LATENT_SPACE,
    LOSSES,
    ORBITS,
    PREDICTION,
    RECONSTRUCTION,
    RECONSTRUCTIONS,
    SAMPLES,
    SWAPS,
    SYMMETRY,
    TRAVERSAL,
    TRAVERSAL_ANIMATION,
    UNTRAINED,
    StageFolder,
    is_transfer,
    runs_of,
)
from results.tables import Table
from results.transfer import comparison_folder, draw_comparison, read_comparison

ASSOCIATION = "association.png"
CONFUSIONS = {
    "action_confusion_policy.png": "is chosen by the policy",
    "action_confusion_nearest.png": "ends nearest to the second picture",
}
CAPTIONS = {
    TRAVERSAL_ANIMATION: "Traversal: every tile sweeps one code dimension there and back while the others stay as they are",
    ASSOCIATION: "Association: how much each code dimension (row) changes when one factor (column) alone changes; "
    "ideal is one bright cell in each column, in a row of its own",
    RECONSTRUCTIONS: "Images of the data set and what the decoder makes of their codes",
    SAMPLES: "Images decoded from codes that were drawn from the prior",
    SWAPS: "Z0 of the image on the left decoded with Z1 of the image above: a line should share all but the target, a column the target",
    **{
        name: f"Confusion: in which share of the pairs of a true action (row) an own action (column) {does}; ideal is one bright cell "
        "in each row, in a column of its own"
        for name, does in CONFUSIONS.items()
    },
    ACTIONS_ANIMATION: "Each learned action applied again and again to one image",
    ORBITS: "The code of one image under each action applied again and again, on the codes of the data",
    ANGLES: "The angles of the learned actions during training; lines at those of the true ones",
    SYMMETRY: "A learned symmetry: left, what X becomes along the invariant code Z0 with Z1 held; right, the Y predicted for the moved X, "
    "which should stay where it is; one colour for each start",
    LATENT_SPACE: "The code: along the arrow X changes and Y should not; colours order Y",
    RECONSTRUCTION: "X, and what the decoder makes of its code",
    PREDICTION: "Y, and what is predicted from the code of X",
    LOSSES: "Terms of the objective during training; reconstruction, KL and ELBO in nats per observation",
    TRAVERSAL: "Traversal, all steps side by side",
}
COMPARISON_CAPTIONS = {
    "violins.png": "Every run is a point, a thin line joins its stages, a bar marks the mean",
    "improvement": "Improvement in points by factor: blue is a gain, red a loss",
    "rank_correlation.png": "How far two scores agree in the order in which they put runs and stages: +1 the same, -1 the reverse; "
    "of few points it means little",
}
CURVES = "What was reported during training: thin lines are seeds, the thick one is their mean, the band reaches from lowest to highest"
FOLDED = (TRAVERSAL,)


@dataclass(frozen=True)
class Picture:
    """An embedded picture: `data` is a data URI."""

    caption: str
    data: str


@dataclass(frozen=True)
class PictureRow:
    """One kind of picture of all stages that have it, side by side; each caption names its stage."""

    caption: str
    pictures: tuple[Picture, ...]
    folded: bool


@dataclass(frozen=True)
class Section:
    """What the report shows of one experiment; `failure`: why its comparison could not be made."""

    experiment: str
    transfer: bool
    runs: Table
    headline: tuple[Table, ...]
    strips: tuple[Strip, ...]
    tables: tuple[Table, ...]
    folded: tuple[Table, ...]
    figures: tuple[Picture, ...]
    curves: Picture | None
    skipped: tuple[str, ...]
    failure: str | None
    seed_shown: int | None
    rows: tuple[PictureRow, ...]


def write_report(output: Path, experiments: Sequence[str], path: Path) -> Path:
    """Writes the report on these experiments (Sources and transfers) and returns its path.

    The figures of transfers are drawn into the folder of their comparison. Raises UserError where an experiment has no complete stage.
    """
    collected = collect(output, experiments)
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    page = templates.get_template("report.html.j2").render(
        experiments=experiments,
        sections=[_section(output, experiment, collected) for experiment in dict.fromkeys(experiments)],
        metrics=set(collected.table["metric"]),
        transfer=any(map(is_transfer, experiments)),
        rendered=sorted(name for name in collected.table["dataset"].unique() if "rendered" in name),
        missing=[*collected.missing, *collected.refused],
        notes=collected.notes,
    )
    write_text(path, page)
    return path


def report_path(output: Path, experiments: Sequence[str]) -> Path:
    """Where a report goes when nobody says otherwise."""
    others = f"_and_{len(experiments) - 1}_more" if len(experiments) > 1 else ""
    return output / f"report_{experiments[0]}{others}.html"


def _section(output: Path, experiment: str, collected: Collected) -> Section:
    table = collected.table[collected.table["experiment"] == experiment]
    tables: tuple[Table, ...] = ()
    figures: list[Picture] = []
    skipped: list[str] = []
    failure = None
    if is_transfer(experiment):
        try:
            comparison = read_comparison(output, [experiment])
            tables = comparison.tables
            drawn, skipped = draw_comparison(comparison, comparison_folder(output, [experiment]))
            figures = [_embed(path, next(text for key, text in COMPARISON_CAPTIONS.items() if path.name.startswith(key))) for path in drawn]
        except UserError as error:
            failure = str(error)
    seed_shown, rows = _picture_rows(output, experiment)
    return Section(
        experiment,
        is_transfer(experiment),
        runs_table(output, experiment),
        headline_tables(table),
        headline_strips(table),
        tables[:2],
        tables[2:],
        tuple(figures),
        _curves(output, experiment, table),
        tuple(skipped),
        failure,
        seed_shown,
        rows,
    )


def _curves(output: Path, experiment: str, table: pd.DataFrame) -> Picture | None:
    """The learning curves of all seeds; None where nothing was trained. Of a single seed they are among its pictures."""
    path, _ = draw_learning_curves(output, experiment, table)
    return _embed(path, CURVES) if path and len(runs_of(output, experiment)) > 1 else None


def _picture_rows(output: Path, experiment: str) -> tuple[int | None, tuple[PictureRow, ...]]:
    """The first seed that has pictures, and its pictures by kind."""
    for run in runs_of(output, experiment):
        rows = [PictureRow(CAPTIONS[name], _of_stages(run.stages, name), name in FOLDED) for name in CAPTIONS]
        if any(row.pictures for row in rows):
            return run.seed, tuple(row for row in rows if row.pictures)
    return None, ()


def _of_stages(stages: Sequence[StageFolder], name: str) -> tuple[Picture, ...]:
    """One kind of picture of all stages; what an untrained network decodes is noise and left out."""
    shown = [stage for stage in stages if stage.figure(name).exists() and (stage.stage != UNTRAINED or name == ASSOCIATION)]
    return tuple(_embed(stage.figure(name), f"{stage.stage}, {stage.read_status().get('dataset', '')}") for stage in shown)


def _embed(path: Path, caption: str) -> Picture:
    kind = "gif" if path.suffix == ".gif" else "png"
    return Picture(caption, f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}")

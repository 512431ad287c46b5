"""The scores that tables and figures show, what they are called there, and which of several settings is meant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from results.collect import setting_of
from results.tables import number

# Where a score was computed on several samples, codes or estimators, tables show the first of these that there is.
PREFERENCES = {
    "sample": ("intervention", "uniform"),
    "mode": ("mean", "sampled"),
    "estimator": ("exact", "sampled"),
    "chosen_by": ("policy", "nearest"),
}
# A score of one block of the code, or a statistic other than the mean, is meant only where it is named.
NAMED = ("block", "statistic")


@dataclass(frozen=True)
class Measure:
    """A score under a setting. `name` heads columns, `title` says exactly what it is.

    `unit`: scores from 0 to 1 are compared in `points`, that is times 100; `by_factor`: the summary shows it for each factor;
    `deviates`: tables show how far seeds differ in it; `told`: a run that is done says it in its last line; `counted`: it is 1 or 0, and
    tables show how many runs have 1.
    """

    name: str
    title: str
    metric: str
    setting: Mapping[str, str] = field(default_factory=dict)
    unit: str = "points"
    digits: int = 3
    by_factor: bool = False
    deviates: bool = True
    told: bool = False
    counted: bool = False

    @property
    def points(self) -> bool:
        return self.unit == "points"

    def fits(self, setting: Mapping[str, str]) -> bool:
        """Whether a score under `setting` is meant: it has all that the measure asks for, and nothing else of NAMED."""
        return all(setting.get(key) == self.setting.get(key) for key in NAMED) and self.setting.items() <= setting.items()

    def text(self, values: pd.Series) -> str:
        """What a table shows of the values of runs: mean and deviation, or how many of them have 1 (yes or no of a single run)."""
        known = values.dropna()
        if self.counted and len(known):
            return f"{known.sum():.0f} of {len(known)}" if len(known) > 1 else ("yes" if known.iloc[0] else "no")
        return number(known.mean(), known.std() if self.deviates else math.nan, self.digits)


MEASURES = (
    Measure("OMES", "OMES (max pooling, alpha 0.5)", "omes", {"pooling": "max", "alpha": "0.5"}, by_factor=True, told=True),
    Measure("modularity", "modularity (overlap score, alpha 1, max pooling)", "omes", {"pooling": "max", "alpha": "1"}),
    Measure("compactness", "compactness (multiple-encoding score, alpha 0, max pooling)", "omes", {"pooling": "max", "alpha": "0"}),
    Measure("MIG", "MIG (mutual information gap)", "mig", by_factor=True, told=True),
    Measure("DCI", "DCI disentanglement", "dci_disentanglement"),
    Measure("DCI completeness", "DCI completeness", "dci_completeness", by_factor=True),
    Measure("BetaVAE", "BetaVAE score", "beta_vae"),
    Measure("FactorVAE", "FactorVAE score", "factor_vae"),
)
BLOCKS = tuple(
    measure
    for name, block in (("Z0", "invariant"), ("Z1", "target"))
    for measure in (
        *(
            Measure(
                f"MI({name}; factor), {mode}",
                f"mutual information of the {mode} code of the block {block} and a factor, in bits",
                "ksg",
                {"block": block, "code": "whole", "mode": mode},
                unit="bits",
                by_factor=True,
            )
            for mode in ("sampled", "mean")
        ),
        Measure(
            f"OMES of {name}",
            f"OMES of the block {block} by itself (max pooling, alpha 0.5)",
            "omes",
            {"block": block, "pooling": "max", "alpha": "0.5"},
            by_factor=True,
        ),
    )
)
DOWNSTREAM = tuple(
    Measure(
        f"{short}, {dimensions}",
        f"accuracy of {model} on {dimensions} dimensions",
        "downstream",
        {"model": code, "dimensions": dimensions},
        by_factor=True,
    )
    for code, short, model in (("gbt", "trees", "boosted trees"), ("mlp", "network", "a multilayer perceptron"))
    for dimensions in ("all", "pruned")
)
TARGETS = (
    Measure("X MAE", "X MAE (absolute error of the reconstruction, summed over dimensions)", "x_mae", unit="", told=True),
    Measure("Y MAE", "Y MAE (absolute error of the prediction, summed over dimensions)", "y_mae", unit="", told=True),
    Measure("MI(Z0, Y)", "mutual information of the invariant code and the target, in bits", "mi_z0_y", unit="bits", told=True),
)
LOSSES = (
    Measure("ELBO", "ELBO (nats per observation)", "elbo", unit="nats", digits=1, told=True),
    Measure("reconstruction", "reconstruction loss (nats per observation)", "reconstruction", unit="nats", digits=1),
    Measure("KL", "KL (nats per observation)", "kl", unit="nats", digits=1),
)
ACTIONS = (
    Measure(
        "found symmetry",
        "runs that found the symmetry, by their own angles and choices",
        "symmetry_found",
        unit="",
        digits=0,
        told=True,
        counted=True,
    ),
    Measure("action accuracy", "accuracy of own actions, up to a relabelling", "action_accuracy", by_factor=True, told=True),
    Measure("worst accuracy", "accuracy of the worst action", "action_accuracy", {"statistic": "min"}),
    Measure("angle error", "angle error of own actions, in radians", "angle_error", unit="rad", by_factor=True, told=True),
    Measure("worst angle error", "angle error of the worst action, in radians", "angle_error", {"statistic": "max"}, unit="rad"),
    Measure(
        "prediction error",
        "prediction error of codes by the action that stands for the true one (1: as good as doing nothing)",
        "prediction_error",
        {"of": "codes", "by": "matched"},
        unit="",
    ),
    Measure(
        "policy's prediction error",
        "prediction error of codes by the action that the policy chooses (1: as good as doing nothing)",
        "prediction_error",
        {"of": "codes", "by": "policy"},
        unit="",
    ),
    Measure("independence", "independence of maps fitted to true actions by least squares", "independence", {"fit": "least_squares"}),
    Measure(
        "symmetry error",
        "angle error of maps fitted to true actions by least squares, in radians",
        "symmetry_error",
        {"fit": "least_squares"},
        unit="rad",
        by_factor=True,
    ),
    Measure("action prediction", "accuracy of a forest that reads the action off both codes", "action_prediction", {"read": "codes"}),
    Measure("released independence", "independence of maps fitted as in the released code", "independence", {"fit": "released"}),
    Measure(
        "released symmetry error",
        "symmetry error as in the released code, in radians (a perfect model: half of every angle)",
        "released_symmetry_error",
        {"statistic": "mean"},
        unit="rad",
    ),
)
ANGLES = (
    Measure("true angle", "|angle| by which an action turns its factor", "true_angle", unit="rad", by_factor=True, deviates=False),
    Measure("own angle", "|angle| of the own action that stands for an action", "own_angle", unit="rad", by_factor=True),
)
SCORES = (*MEASURES, *TARGETS, *LOSSES)
HEADLINE = (*ACTIONS, *SCORES)


@dataclass(frozen=True)
class Chosen:
    """The rows of one measure under one setting; `note` tells the parts of the setting that were chosen among others."""

    measure: Measure
    table: pd.DataFrame
    setting: Mapping[str, str]

    @property
    def note(self) -> str:
        return ", ".join(f"{key} {value}" for key, value in self.setting.items() if key not in self.measure.setting)


def choose(table: pd.DataFrame, measure: Measure) -> Chosen | None:
    """The rows of a measure under the setting that PREFERENCES put first; None where no run has it."""
    of_metric = table[table["metric"] == measure.metric]
    settings = [setting_of(text) for text in of_metric["setting"].unique()]
    return _chosen(of_metric, measure, [one for one in settings if measure.fits(one)])


def companion(table: pd.DataFrame, chosen: Chosen, kind: str) -> Chosen | None:
    """The `ceiling`, `null` or `standard_error` that belongs to a measure: the same setting in all that both have."""
    title, metric = f"{kind} of {chosen.measure.title}", f"{chosen.measure.metric}_{kind}"
    measure = Measure(kind, title, metric, unit=chosen.measure.unit, digits=chosen.measure.digits, deviates=False)
    of_metric = table[table["metric"] == measure.metric]
    settings = [setting_of(text) for text in of_metric["setting"].unique()]
    of_part = [one for one in settings if one.get("block") == chosen.setting.get("block")]
    fitting = [one for one in of_part if all(chosen.setting.get(key, value) == value for key, value in one.items())]
    found = _chosen(of_metric, measure, fitting)
    # Its setting follows from that of the measure, so there is nothing to note.
    return Chosen(measure, found.table, {}) if found else None


def _chosen(of_metric: pd.DataFrame, measure: Measure, settings: list[dict[str, str]]) -> Chosen | None:
    if not settings:
        return None
    best = min(settings, key=_rank)
    here = of_metric["setting"].map(lambda text: setting_of(text) == best)
    return Chosen(measure, of_metric[here], best)


def _rank(setting: Mapping[str, str]) -> tuple[object, ...]:
    """How far down PREFERENCES a setting stands; other keys decide by their text, so that the choice never varies."""
    places = [order.index(setting[key]) if setting.get(key) in order else len(order) for key, order in PREFERENCES.items()]
    return (*places, sorted(setting.items()))

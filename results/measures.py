"""The scores that tables and figures show, what they are called there, and which of several settings is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from results.collect import setting_of

# Where a score was computed on several samples, codes or estimators, tables show the first of these that there is.
PREFERENCES = {
    "sample": ("intervention", "uniform"),
    "mode": ("mean", "sampled"),
    "estimator": ("exact", "sampled"),
}


@dataclass(frozen=True)
class Measure:
    """A score under a setting. `name` heads columns, `title` says exactly what it is.

    `unit`: scores from 0 to 1 are compared in `points`, that is times 100; `by_factor`: the summary shows it for each factor;
    `deviates`: tables show how far seeds differ in it; `told`: a run that is done says it in its last line.
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

    @property
    def points(self) -> bool:
        return self.unit == "points"

    def fits(self, setting: Mapping[str, str]) -> bool:
        """Whether a score under `setting` is meant. A score of one block of the code is meant only where the block is named."""
        return setting.get("block") == self.setting.get("block") and all(setting.get(key) == value for key, value in self.setting.items())


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
HEADLINE = (*MEASURES, *TARGETS, *LOSSES)


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

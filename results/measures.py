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

    `points`: shown times 100 when compared; `by_factor`: the summary shows it for each factor; `deviates`: tables show how far
    seeds differ in it.
    """

    name: str
    title: str
    metric: str
    setting: Mapping[str, str] = field(default_factory=dict)
    points: bool = True
    digits: int = 3
    by_factor: bool = False
    deviates: bool = True


MEASURES = (
    Measure("OMES", "OMES (max pooling, alpha 0.5)", "omes", {"pooling": "max", "alpha": "0.5"}, by_factor=True),
    Measure("modularity", "modularity (overlap score, alpha 1, max pooling)", "omes", {"pooling": "max", "alpha": "1"}),
    Measure("compactness", "compactness (multiple-encoding score, alpha 0, max pooling)", "omes", {"pooling": "max", "alpha": "0"}),
    Measure("MIG", "MIG (mutual information gap)", "mig", by_factor=True),
    Measure("DCI", "DCI disentanglement", "dci_disentanglement"),
    Measure("DCI completeness", "DCI completeness", "dci_completeness", by_factor=True),
    Measure("BetaVAE", "BetaVAE score", "beta_vae"),
    Measure("FactorVAE", "FactorVAE score", "factor_vae"),
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
LOSSES = (
    Measure("ELBO", "ELBO (nats per observation)", "elbo", points=False, digits=1),
    Measure("reconstruction", "reconstruction loss (nats per observation)", "reconstruction", points=False, digits=1),
    Measure("KL", "KL (nats per observation)", "kl", points=False, digits=1),
)


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
    fitting = [one for one in settings if all(one.get(key) == value for key, value in measure.setting.items())]
    return _chosen(of_metric, measure, fitting)


def companion(table: pd.DataFrame, chosen: Chosen, kind: str) -> Chosen | None:
    """The `ceiling`, `null` or `standard_error` that belongs to a measure: the same setting in all that both have."""
    title, metric = f"{kind} of {chosen.measure.title}", f"{chosen.measure.metric}_{kind}"
    measure = Measure(kind, title, metric, points=chosen.measure.points, digits=chosen.measure.digits, deviates=False)
    of_metric = table[table["metric"] == measure.metric]
    settings = [setting_of(text) for text in of_metric["setting"].unique()]
    fitting = [one for one in settings if all(chosen.setting.get(key, value) == value for key, value in one.items())]
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

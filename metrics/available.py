"""The metrics that can be asked for by name, on the command line and in tables. A new metric is one file and one line here.

The metrics themselves are imported when they are asked for: some of them need scipy, scikit-learn or numba, which OMES and MIG do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from foundation.errors import UserError
from metrics.readable import readable
from metrics.reference_codes import ReferenceCodes
from metrics.representation import Representation
from metrics.scores import Metric, Scores

POINTS = ("training_points", "test_points")


@dataclass(frozen=True)
class Available:
    """A metric, what a reader of the bare number must know, and what null and interval may cost.

    The function is called `name`, in the file of that name, and the first row it finds is the one to look at. `shuffles`: codes that
    the null rests on (0: shuffling samples changes nothing). `most_subsamples`: as many are enough for its interval, since each is
    dear. `shares`: it has fits in common with other metrics on the same codes. `refits`, `draws` and `span` are those of `readable`.
    """

    name: str
    caution: str
    shuffles: int = 3
    refits: bool = True
    draws: tuple[str, ...] = ()
    span: tuple[float, float] = (0.0, 1.0)
    most_subsamples: int = 1000
    shares: bool = False

    @property
    def metric(self) -> Metric:
        """The function itself, imported now."""
        found: Metric = getattr(import_module(f"metrics.{self.name}"), self.name)
        return found

    def score(
        self,
        representation: Representation,
        rng: np.random.Generator,
        *,
        metric: Metric | None = None,
        shuffles: int | None = None,
        ceiling: bool = True,
        interval: int = 0,
        references: ReferenceCodes | None = None,
    ) -> Scores:
        """The score with its null and ceiling, and with an interval from so many subsamples.

        `metric` is the function with other settings, `shuffles` another number of them. `references` are used where fits are shared.
        """
        return readable(
            metric or self.metric,
            representation,
            rng,
            shuffles=self.shuffles if shuffles is None else shuffles,
            ceiling=ceiling,
            interval=min(interval, self.most_subsamples),
            refits=self.refits,
            draws=self.draws,
            span=self.span,
            references=references if self.shares else None,
        )


METRICS: Mapping[str, Available] = {
    one.name: one
    for one in (
        Available(
            "omes",
            "OMES: 1 is out of reach (see ceiling), noise does not get 0 (see null), and a factor of two values gets 0 even from a "
            "perfect code. The interval widens where few pairs of samples differ in one factor alone.",
        ),
        Available(
            "omes_unbiased",
            "omes_unbiased is this project's variant of OMES, in which perfect codes get 1 and binary factors count. Do not "
            "compare it with published OMES.",
        ),
        Available(
            "mig",
            "MIG: it falls to 0 for a factor that two dimensions share, and does not see that one dimension holds two factors.",
        ),
        Available(
            "beta_vae",
            "BetaVAE score: dimensions may be mixed and factors split; a rotated code does well. Most trained models are near 1.",
            draws=POINTS,
        ),
        Available(
            "factor_vae",
            "FactorVAE score: it asks which dimension varies least, not how much of a factor it holds, nor whether others hold it too.",
            draws=POINTS,
        ),
        Available(
            "z_diff",
            "Z-diff: the BetaVAE score of Carbonneau et al., rescaled so that chance is 0; training and test points share their rows.",
            draws=POINTS,
            span=(-1.0, 1.0),
        ),
        Available(
            "z_min_var",
            "Z-min-variance: the FactorVAE score of Carbonneau et al., rescaled so that chance is 0.",
            draws=POINTS,
            span=(-1.0, 1.0),
        ),
        Available(
            "z_max_var",
            "Z-max-variance: all factors in 3 intervals, so that the others still vary a little; see the ceiling. Intervals of a "
            "categorical factor mean nothing.",
            draws=POINTS,
            span=(-1.0, 1.0),
        ),
        Available(
            "mig_sup",
            "MIG-sup: MIG seen from the dimensions: it sees merged factors, and neither split nor missing ones.",
        ),
        Available(
            "dcimig",
            "DCIMIG: a dimension that holds two factors equally counts for neither; a factor is as well known as by its best one.",
        ),
        Available(
            "jemmig",
            "JEMMIG: noise in the best dimension counts like another factor, so that finer bins lower it. Compare like bins only.",
        ),
        Available(
            "modularity",
            "Modularity: it does not see how much a dimension knows, nor missing factors. Its null is far above 0 for few samples.",
        ),
        Available(
            "explicitness",
            "Explicitness: areas under the curve, chance is 0.5 and 0.9 is not good. It does not see where in the code a factor sits.",
            most_subsamples=100,
        ),
        Available(
            "sap_continuous",
            "SAP (correlation): factors that are followed by a curve score less, so do categories out of order; copies give 0.",
        ),
        Available(
            "sap_discrete",
            "SAP (classifier): one-against-rest machines find the end values only, so that a perfect code gets about 0.3: see the ceiling.",
        ),
        Available(
            "irs",
            "IRS: only the best factor of each dimension counts, and extremes of the code decide. Random codes score high: see the null.",
        ),
        Available(
            "factor_leakage",
            "Factor leakage: less is better, and a code that knows nothing leaks nothing.",
            span=(0.0, math.inf),
        ),
        Available(
            "total_correlation",
            "Total correlation: less is better; it looks at codes alone, white noise is perfect, and only linear dependence counts.",
            shuffles=0,
            span=(0.0, math.inf),
        ),
        Available(
            "wasserstein_correlation",
            "Wasserstein correlation: less is better; it looks at codes alone, white noise is perfect, and large dimensions count most.",
            shuffles=0,
            span=(0.0, math.inf),
        ),
        Available(
            "code_mutual_information",
            "Mutual information between dimensions: less is better; it looks at codes alone, and white noise is perfect.",
            shuffles=0,
            span=(0.0, math.inf),
        ),
        Available(
            "infomec",
            "InfoMEC: modularity and compactness are shares, and a code that knows next to nothing has them as well: see explicitness.",
            most_subsamples=50,
        ),
        Available(
            "ksg",
            "KSG: mutual information of factors and single dimensions without bins, in bits; it may come out below 0, and the best of many "
            "dimensions is above 0 by chance.",
            span=(-math.inf, math.inf),
        ),
        Available(
            "dci",
            "DCI of boosted trees: of two copies of a dimension each gets a share that chance decides. The interval of informativeness is "
            "over the test rows of one fit, those of the others over trees fitted to few rows.",
            shuffles=1,
            most_subsamples=30,
            shares=True,
        ),
        Available(
            "downstream",
            "Downstream accuracy of boosted trees: of factors with few values even chance gets much (see null); the interval is over the "
            "test rows of one fit.",
            shuffles=1,
            refits=False,
            shares=True,
        ),
        Available(
            "dci_es",
            "DCI-ES: explicitness falls with the capacity that a probe needs, size with the number of dimensions. No interval: it takes "
            "many fits.",
            shuffles=1,
            refits=False,
            shares=True,
            span=(-math.inf, math.inf),
        ),
    )
}


def metrics_named(names: str | Sequence[str]) -> dict[str, Available]:
    """The metrics of a comma-separated list, or all of them for "all". Raises UserError for an unknown name and lists the known."""
    if names == "all":
        return dict(METRICS)
    chosen = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    for name in chosen:
        if name not in METRICS:
            raise UserError(f"there is no metric {name!r}; metrics are {', '.join(METRICS)}, or all of them: all")
    return {name: METRICS[name] for name in chosen}

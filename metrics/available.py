"""The metrics that can be asked for by name, on the command line and in tables. A new metric is one file and one line here.

The metrics themselves are imported when they are asked for: some of them need scipy, scikit-learn or numba, which OMES and MIG do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from foundation.errors import UserError
from metrics.readable import readable
from metrics.representation import Representation
from metrics.scores import Metric, Scores

POINTS = ("training_points", "test_points")


@dataclass(frozen=True)
class Available:
    """A metric, what a reader of the bare number must know, and what null and interval may cost.

    The function is called `name`, in the file of that name. `shuffles`: codes that the null rests on (0: shuffling samples changes
    nothing). `refits`, `draws` and `span` are those of `readable`; `heads` are the names of its rows, where they are not the metric's.
    """

    name: str
    caution: str
    shuffles: int = 3
    refits: bool = True
    draws: tuple[str, ...] = ()
    span: tuple[float, float] = (0.0, 1.0)
    heads: tuple[str, ...] = ()

    @property
    def metric(self) -> Metric:
        found: Metric = getattr(import_module(f"metrics.{self.name}"), self.name)
        return found

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows that are its scores, the first of them the one to look at."""
        return self.heads or (self.name,)

    def score(self, representation: Representation, rng: np.random.Generator, interval: int = 0) -> Scores:
        """The score with its null and ceiling, and with an interval from so many subsamples."""
        return readable(
            self.metric,
            representation,
            rng,
            shuffles=self.shuffles,
            interval=interval,
            refits=self.refits,
            draws=self.draws,
            span=self.span,
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

"""The metrics that can be asked for by name, on the command line and in tables. A new metric is one file and one line here."""

from __future__ import annotations

from foundation.errors import UserError
from metrics.mig import mig
from metrics.omes import omes
from metrics.omes_unbiased import omes_unbiased
from metrics.scores import Metric

METRICS: dict[str, Metric] = {
    "omes": omes,
    "omes_unbiased": omes_unbiased,
    "mig": mig,
}

# What a reader of the bare number must know; each metric's own file says more.
CAUTIONS = {
    "omes": "OMES: 1 is out of reach (see ceiling), noise does not get 0 (see null), and a factor of two values gets 0 even from a "
    "perfect code. The standard error grows where few pairs of samples differ in one factor alone.",
    "omes_unbiased": "omes_unbiased is this project's variant of OMES, in which perfect codes get 1 and binary factors count. Do not "
    "compare it with published OMES.",
    "mig": "MIG: it falls to 0 for a factor that two dimensions share, and does not see that one dimension holds two factors.",
}


def metrics_named(names: str) -> dict[str, Metric]:
    """The metrics of a comma-separated list, or all of them for "all". Raises UserError for an unknown name and lists the known."""
    if names == "all":
        return METRICS
    chosen = [name.strip() for name in names.split(",")]
    for name in chosen:
        if name not in METRICS:
            raise UserError(f"there is no metric {name!r}; metrics are {', '.join(METRICS)}, or all of them: all")
    return {name: METRICS[name] for name in chosen}

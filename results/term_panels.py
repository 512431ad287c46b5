"""Which terms of terms.csv share a panel of a chart, and what is drawn of them: the declaration, and the numbers on common steps."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Family:
    """Terms whose whole name fits `pattern` and that share a panel `title`.

    `over`: they are divided by this term, where there is one; `angles`: they are taken as |angle|, the short way round; `schedule`: the
    panel is left out where nothing in it changes, and never logarithmic.
    """

    title: str
    pattern: str
    over: str | None = None
    angles: bool = False
    schedule: bool = False


FAMILIES = (
    Family("KL", "kl"),
    Family("ELBO", "elbo"),
    Family("policy entropy", "entropy"),
    Family("prediction error / doing nothing", "prediction", over="doing_nothing"),
    Family("|angle| of own actions, radians", r"angle_\d+", angles=True),
    Family("share of pairs with each action", r"share_\d+"),
    Family("determinants of own actions", r"determinant_\d+"),
    Family("learning rates", r"(\w+\.)?learning_rate(\.\w+)?", schedule=True),
)
LEFT_OUT = r"order_\d+|doing_nothing"  # what other columns tell: 2 pi / angle, and the denominator of a prediction error


@dataclass(frozen=True)
class Panel:
    """A title and its lines: label -> values [seeds, steps] at `steps`, NaN where a seed has none."""

    title: str
    lines: Mapping[str, np.ndarray]
    family: Family | None


def panels_of(terms: Mapping[str, pd.DataFrame], steps: np.ndarray) -> list[Panel]:
    """The panels of runs (name -> terms.csv), in the order of the columns; terms that only some runs have come last."""
    frames = list(terms.values())
    names = dict.fromkeys(name for one in frames for name in one.columns if name != "step" and pd.api.types.is_numeric_dtype(one[name]))
    panels: dict[str, Panel] = {}
    for name in names:
        if re.fullmatch(LEFT_OUT, name):
            continue
        family = next((one for one in FAMILIES if re.fullmatch(one.pattern, name)), None)
        values = _on(steps, frames, name)
        if family and family.over and family.over in names:
            values = values / np.where(below := _on(steps, frames, family.over), below, np.nan)
        elif family and family.over:
            family = None
        if family and family.angles:
            values = np.abs((values + math.pi) % (2 * math.pi) - math.pi)
        if not np.isfinite(values).any():
            continue
        title = family.title if family else name.replace("_", " ").replace(".", ": ")
        panel = panels.setdefault(title, Panel(title, {}, family))
        panels[title] = Panel(title, {**panel.lines, name: values}, family)
    return [panel for panel in panels.values() if not (panel.family and panel.family.schedule and _is_constant(panel))]


def _on(steps: np.ndarray, frames: Sequence[pd.DataFrame], name: str) -> np.ndarray:
    """One term of all runs on common steps, [runs, steps]: between its own by a straight line, NaN beyond its first and last number."""
    values = np.full((len(frames), len(steps)), np.nan)
    for row, frame in enumerate(frames):
        if name in frame.columns:
            known = frame[["step", name]].replace([np.inf, -np.inf], np.nan).dropna()
            if len(known):
                values[row] = np.interp(steps, known["step"], known[name], left=np.nan, right=np.nan)
    return values


def _is_constant(panel: Panel) -> bool:
    return all(np.nanmax(values) == np.nanmin(values) for values in panel.lines.values())

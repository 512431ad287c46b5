"""Learning curves: the terms of terms.csv against the step, of one run or of several seeds with their mean and spread.

A term has a panel of its own unless FAMILIES puts it into one with others. Of several seeds each is a thin line and the mean a thick one;
a band reaches from the lowest to the highest, where bands of several terms would not hide each other. Where seeds have ended the mean of
the others goes on as a dashed line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from results.charts import STAGE_COLOURS, limit_to_the_bulk, new_figure, quiet, save_figure
from results.term_panels import Panel, panels_of

MOST_PANELS = 12
DECADES = 2
"""A positive term that spans more of them has a logarithmic scale."""
COLOURS = ("#3b6ea8", *matplotlib.colormaps["tab10"].colors[1:])  # type: ignore[attr-defined]
DASHED = (0, (2, 1.5))


def learning_curves(terms: Mapping[str, pd.DataFrame], path: Path, title: str = "", true_angles: Sequence[float] = ()) -> tuple[str, ...]:
    """Draws the terms of runs (name -> terms.csv), and returns what a reader should know: runs that ended early, terms without room.

    `true_angles`: dashed lines in the panel of angles.
    """
    steps = np.unique(np.concatenate([one["step"].to_numpy(dtype=float) for one in terms.values()]))
    panels = panels_of(terms, steps)
    notes = [*_ends(terms), *_without_room(panels)]
    panels = panels[:MOST_PANELS]
    columns = min(4, len(panels)) if len(panels) != 5 else 3
    lines = max(1, -(-len(panels) // max(1, columns)))
    figure = new_figure(3.3 * max(1, columns), 2.45 * lines + 0.25 * bool(title) + 0.2 * len(notes) + 0.3 * (len(terms) > 1))
    axes = figure.subplots(lines, max(1, columns), squeeze=False).ravel()
    for empty in axes[len(panels) :]:
        empty.set_axis_off()
    for place, (one, panel) in enumerate(zip(axes, panels, strict=False)):
        _draw(one, panel, steps, true_angles)
        if place + columns >= len(panels):
            one.set_xlabel("step", fontsize=9)
    if title or notes:
        figure.suptitle("\n".join([*([title] if title else []), *notes]), fontsize=9, x=0.01, ha="left")
    if len(terms) > 1:
        figure.legend(handles=_keys(len(_ends(terms)) > 0), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    save_figure(figure, path)
    return tuple(notes)


def _draw(axes: Axes, panel: Panel, steps: np.ndarray, true_angles: Sequence[float]) -> None:
    everything = np.stack(list(panel.lines.values()))
    finite = everything[np.isfinite(everything)]
    schedule = panel.family is not None and panel.family.schedule
    logarithmic = not schedule and len(finite) > 1 and finite.min() > 0 and finite.max() > 10**DECADES * finite.min()
    if logarithmic:
        axes.set_yscale("log")
    if panel.family and panel.family.angles:
        for angle in true_angles:
            axes.axhline(angle, color="#8a9099", linewidth=0.9, linestyle="--", zorder=1)
    for place, values in enumerate(panel.lines.values()):
        _draw_runs(axes, steps, values, COLOURS[place % len(COLOURS)], band=len(panel.lines) == 1)
    if not logarithmic and not schedule:
        limit_to_the_bulk(axes, everything)
    if len(panel.lines) > 1:
        labels = _short(list(panel.lines))
        handles = [Line2D([], [], color=COLOURS[place % len(COLOURS)]) for place in range(len(labels))]
        axes.legend(
            handles, labels, fontsize=6.5, frameon=False, ncols=min(5, len(labels)), handlelength=0.9, columnspacing=0.8, loc="best"
        )
    axes.set_title(panel.title, fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 2.5, 5, 10]))
    quiet(axes)


def _draw_runs(axes: Axes, steps: np.ndarray, values: np.ndarray, colour: object, band: bool) -> None:
    """One term of all runs [runs, steps], with mean and spread where there are several."""
    several = len(values) > 1
    for run in values:
        marker = "." if np.isfinite(run).sum() < 3 else None
        axes.plot(steps, run, color=colour, linewidth=0.6 if several else 1.4, alpha=0.45 if several else 1, marker=marker, zorder=2)
    there = np.isfinite(values).sum(axis=0)
    if there.max() < 2:
        return
    mean = np.nansum(values, axis=0) / np.where(there, there, np.nan)
    if band:
        low, high = (np.where(there > 1, reduce(values), np.nan) for reduce in (np.fmin.reduce, np.fmax.reduce))
        axes.fill_between(steps, low, high, color=colour, alpha=0.16, linewidth=0, zorder=1)
    whole = there == there.max()
    axes.plot(steps, np.where(whole, mean, np.nan), color=colour, linewidth=1.7, zorder=3)
    if not whole.all():
        joined = ~whole | np.append(~whole[1:], False)
        axes.plot(steps, np.where(joined, mean, np.nan), color=colour, linewidth=1.4, linestyle=DASHED, zorder=3)


def _short(names: Sequence[str]) -> list[str]:
    """Names of one family in a legend: `angle_0` is 0, `learning_rate.policy` is policy."""
    return [re.split(r"[_.]", name)[-1] if re.search(r"_\d+$|\.\w+$", name) else name.replace("_", " ") for name in names]


def _ends(terms: Mapping[str, pd.DataFrame]) -> list[str]:
    """One line on runs that ended before the longest."""
    last = {name: int(one["step"].max()) for name, one in terms.items()}
    longest = max(last.values())
    early = [f"{name} at step {step:,}" for name, step in last.items() if step < longest]
    return [f"ended before step {longest:,}: {', '.join(early)}"] if early else []


def _without_room(panels: Sequence[Panel]) -> list[str]:
    left = [panel.title for panel in panels[MOST_PANELS:]]
    return [f"not drawn: {', '.join(left)}"] if left else []


def _keys(uneven: bool) -> list[Line2D | Patch]:
    colour = STAGE_COLOURS["trained"]
    keys: list[Line2D | Patch] = [
        Line2D([], [], color=colour, linewidth=0.6, alpha=0.6, label="single seeds"),
        Line2D([], [], color=colour, linewidth=1.7, label="mean"),
        Patch(color=colour, alpha=0.16, label="lowest to highest"),
    ]
    if uneven:
        keys.append(Line2D([], [], color=colour, linewidth=1.4, linestyle=DASHED, label="mean of those that go on"))
    return keys

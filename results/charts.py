"""Charts of numbers: violins of scores over seeds, and what all charts share.

Drawn with matplotlib's objects (no pyplot, no global state), so that they may be drawn in any thread and leave nothing open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from foundation.atomic_files import atomic_path

STAGE_COLOURS = {"untrained": "#9a9fa6", "trained": "#3b6ea8", "before": "#3b6ea8", "after": "#d9762b"}
FEWEST_FOR_A_VIOLIN = 4


def violins(samples: Mapping[str, Mapping[str, Mapping[str, np.ndarray]]], path: Path) -> None:
    """One panel per score: in it, for each group of runs, the values of its runs in each stage.

    `samples`: score -> group -> stage -> values [runs], the same runs in the same order in all stages of a group. Every run is a
    point, and a thin line joins its stages; a violin stands behind them from four runs on, a bar marks the mean.
    """
    columns = min(4, len(samples))
    lines = -(-len(samples) // columns)
    groups = list(next(iter(samples.values())))
    figure = new_figure((1.2 + 1.9 * max(1, len(groups))) * columns, 3.1 * lines)
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for panel in panels[len(samples) :]:
        panel.set_axis_off()
    stages = list(dict.fromkeys(stage for by_group in samples.values() for by_stage in by_group.values() for stage in by_stage))
    for panel, (score, by_group) in zip(panels, samples.items(), strict=False):
        for i, by_stage in enumerate(by_group.values()):
            if not by_stage:
                continue  # the runs of this group do not have this score
            places = [i * (len(stages) + 1) + stages.index(stage) for stage in by_stage]
            _violin_group(panel, list(by_stage), list(by_stage.values()), places)
        panel.set_title(score, fontsize=10)
        if len(groups) > 1:
            panel.set_xticks([i * (len(stages) + 1) + (len(stages) - 1) / 2 for i in range(len(groups))], groups, fontsize=7)
        else:
            panel.set_xticks(range(len(stages)), stages, fontsize=9)
        quiet(panel)
    if len(groups) > 1:
        handles = [Line2D([], [], color=STAGE_COLOURS.get(stage, "black"), marker="o", linestyle="") for stage in stages]
        figure.legend(handles, stages, loc="outside lower center", ncols=len(stages), frameon=False, fontsize=9)
    save_figure(figure, path)


def _violin_group(panel: Axes, stages: Sequence[str], values: Sequence[np.ndarray], places: Sequence[float]) -> None:
    for stage, some, place in zip(stages, values, places, strict=True):
        colour = STAGE_COLOURS.get(stage, "black")
        finite = some[np.isfinite(some)]
        if len(finite) >= FEWEST_FOR_A_VIOLIN and np.ptp(finite) > 0:
            parts: dict[str, Any] = panel.violinplot([finite], [place], widths=0.8, showextrema=False)
            parts["bodies"][0].set(facecolor=colour, alpha=0.22, edgecolor="none")
        if len(finite):
            panel.hlines(finite.mean(), place - 0.3, place + 0.3, color=colour, linewidth=2.2)
        panel.plot(np.full(len(some), place), some, "o", color=colour, markersize=4.5, alpha=0.85, zorder=3)
    for run in np.column_stack(values):
        panel.plot(places, run, color="#5b616a", linewidth=0.6, alpha=0.5, zorder=1)


def limit_to_the_bulk(panel: Axes, values: np.ndarray) -> None:
    """Lets the first tenth of training leave the panel where it would flatten all the rest; values [..., steps]."""
    finite = values[np.isfinite(values)]
    later = values[..., values.shape[-1] // 10 :]
    later = later[np.isfinite(later)]
    span = np.ptp(later) if len(later) else 0.0
    if span > 0 and np.ptp(finite) > 4 * span:
        panel.set_ylim(later.min() - 0.15 * span, later.max() + 0.6 * span)
        panel.text(0.98, 0.96, "start not shown", transform=panel.transAxes, ha="right", va="top", fontsize=7, color="#6b7280")


def quiet(panel: Axes) -> None:
    """A panel without its box, over pale horizontal lines."""
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis="y", color="#e3e6ea", linewidth=0.7)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=8, color="#9a9fa6")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that finds room for its labels by itself."""
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1))


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a figure as a PNG of the same bytes for the same content."""
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_figure(temporary, format="png", dpi=150, metadata={"Software": None})

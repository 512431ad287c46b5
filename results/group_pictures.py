"""Pictures of learned actions: applied again and again to an image, the orbits that codes run through, and angles over training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

from results.charts import new_figure, save_figure
from results.pictures import animation, labelled_rows

COLOURS = matplotlib.colormaps["tab10"].colors  # type: ignore[attr-defined]
CLOUD = "#c9ced6"
PREFIX = "angle_"


def repeated_actions(frames: np.ndarray, labels: Sequence[str], path_png: Path, path_gif: Path | None = None) -> None:
    """What the decoder shows while each action is done again and again: one line per action, and an animation of all at once.

    `frames` [A, S, C, H, W]: the image before, then after 1, 2, ... applications.
    """
    labelled_rows(list(frames), labels, path_png)
    if path_gif is not None:
        animation(frames, labels, path_gif, there_and_back=False)


def orbits(codes: np.ndarray, orbit: np.ndarray, labels: Sequence[str], path: Path) -> None:
    """One panel per action: the orbit of a code in the two dimensions in which it moves most, before a cloud of codes of the data.

    `codes` [N, D]; `orbit` [A, S, D], the code before and after 1, 2, ... applications; the first point is ringed.
    """
    columns = min(4, len(orbit))
    lines = -(-len(orbit) // columns)
    figure = new_figure(2.7 * columns, 2.8 * lines)
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for panel in panels[len(orbit) :]:
        panel.set_axis_off()
    for k, (panel, points, label) in enumerate(zip(panels, orbit, labels, strict=False)):
        first, second = sorted(np.argsort(-points.var(axis=0), kind="stable")[:2])
        panel.plot(codes[:, first], codes[:, second], ".", color=CLOUD, markersize=2, zorder=1)
        panel.plot(points[:, first], points[:, second], "-o", color=COLOURS[k % len(COLOURS)], linewidth=1.0, markersize=3.5, zorder=2)
        panel.plot(points[0, first], points[0, second], "o", color="black", markersize=7, fillstyle="none", zorder=3)
        panel.set_aspect("equal", adjustable="datalim")
        panel.set_title(label, fontsize=9)
        panel.set_xlabel(f"dimension {first}", fontsize=8)
        panel.set_ylabel(f"dimension {second}", fontsize=8)
        panel.tick_params(labelsize=7)
        panel.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)


def angle_trajectories(terms: pd.DataFrame, labels: Sequence[str], true_angles: Sequence[float], path: Path) -> bool:
    """Columns `angle_0`, `angle_1`, ... of terms.csv against `step`, taken modulo a turn to -pi..pi, and the true angles as dashed lines.

    `labels` by element. Returns False, and writes nothing, where there are no such columns.
    """
    columns = [name for name in terms.columns if name.startswith(PREFIX)]
    if not columns or not len(terms):
        return False
    figure = new_figure(6.0, 3.4)
    panel = figure.subplots()
    for true in sorted({round(sign * abs(angle), 6) for angle in true_angles for sign in (1, -1)}):
        panel.axhline(true, color="#8a9099", linewidth=0.9, linestyle="--", zorder=1)
    for place, name in enumerate(columns):
        element = int(name.removeprefix(PREFIX))
        wrapped = (terms[name].to_numpy(dtype=float) + math.pi) % (2 * math.pi) - math.pi
        wrapped[1:][np.abs(np.diff(wrapped)) > math.pi] = np.nan  # a line must not cross the picture where an angle passes pi
        label = labels[element] if element < len(labels) else name
        marker = "." if len(terms) < 3 else None
        panel.plot(terms["step"], wrapped, color=COLOURS[place % len(COLOURS)], linewidth=1.4, marker=marker, label=label, zorder=2)
    panel.set_xlabel("step", fontsize=9)
    panel.set_ylabel("angle, radians", fontsize=9)
    panel.set_title("Angles of the model's own actions; dashed: of the data", fontsize=10)
    panel.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    panel.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)
    return True

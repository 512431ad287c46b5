"""Charts of a model of X and Y whose code is split: the latent space, what it makes of X and of Y, and a symmetry that it learned.

Points are coloured by ten equal bins of a variable that orders Y, as published (Wieser et al. 2020, arXiv 2002.02782).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from results.charts import new_figure, save_figure

BINS = 10
SHOWN = 4000
"""Points of a cloud: more hide each other."""
COLOURS = colormaps["turbo"](np.linspace(0.05, 0.95, BINS))
GREY = "#d5d8dc"


def bins(order: np.ndarray) -> np.ndarray:
    """Ten bins of equal width between the smallest and the largest of values [N]: [N] from 0 to 9."""
    low, high = order.min(), order.max()
    return np.minimum((order - low) / max(high - low, 1e-12) * BINS, BINS - 1).astype(int)


def latent_space(codes: np.ndarray, names: tuple[str, str], order: np.ndarray, path: Path, invariant: int | None = None) -> None:
    """Two dimensions [N, 2] of codes; `invariant` (0 or 1) is the axis along which Y should stay, and is marked by an arrow."""
    figure = new_figure(4.6, 4.2)
    panel = figure.subplots()
    _cloud(panel, codes, order)
    panel.set_xlabel(names[0])
    panel.set_ylabel(names[1])
    if invariant is not None:
        start, end = ((0.06, 0.05), (0.94, 0.05)) if invariant == 0 else ((0.05, 0.06), (0.05, 0.94))
        arrow = {"arrowstyle": "<->", "color": "#30343b", "linewidth": 1.6}
        panel.annotate("", end, start, xycoords="axes fraction", textcoords="axes fraction", arrowprops=arrow)
        panel.margins(0.12)
        panel.set_title("along the arrow X changes and Y should not", fontsize=9)
    save_figure(figure, path)


def beside(true: np.ndarray, made: np.ndarray, names: tuple[str, str], order: np.ndarray, error: float, path: Path) -> None:
    """The truth [N, 2] and, on the same axes, what a model makes of it [N, 2]; `error` is the mean absolute error, summed over both."""
    figure = new_figure(8.0, 4.0)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for panel, points, title in zip(panels, (true, made), (names[0], f"{names[1]}, MAE {error:.3f}"), strict=True):
        _cloud(panel, points, order)
        panel.set_title(title, fontsize=10)
        panel.set_aspect("equal")
    save_figure(figure, path)


@dataclass(frozen=True)
class Orbits:
    """What a learned symmetry does to A anchors in S steps: `x` [A, S, 2] the moved observations, `y` [A, S, 2] what is predicted for
    them, `order` [A] the anchors' place on the colour scale; `error` and `motion` as scored."""

    x: np.ndarray
    y: np.ndarray
    order: np.ndarray
    error: float
    motion: float


def symmetry(orbits: Orbits, x: np.ndarray, y: np.ndarray, path: Path) -> None:
    """Left, X moved along Z0 with Z1 held; right, the Y predicted for the moved X; all of the data [N, 2] in grey behind them."""
    figure = new_figure(8.6, 4.3)
    left, right = figure.subplots(1, 2)
    for panel, data, paths in ((left, x, orbits.x), (right, y, orbits.y)):
        panel.scatter(data[:SHOWN, 0], data[:SHOWN, 1], s=2, color=GREY, linewidths=0, rasterized=True)
        for anchor, colour in zip(paths, _scale(orbits.order), strict=True):
            panel.plot(anchor[:, 0], anchor[:, 1], color=colour, linewidth=1.4, marker="o", markersize=3.2)
        panel.set_aspect("equal")
    left.set_title(f"X along the invariant code: moved by {orbits.motion:.2f} on average", fontsize=10)
    right.set_title(f"Y predicted for the moved X: off by {orbits.error:.3f}", fontsize=10)
    save_figure(figure, path)


def _cloud(panel: Axes, points: np.ndarray, order: np.ndarray) -> None:
    colours = COLOURS[bins(order)]
    panel.scatter(points[:SHOWN, 0], points[:SHOWN, 1], s=4, c=colours[:SHOWN], linewidths=0, rasterized=True)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)


def _scale(order: np.ndarray) -> np.ndarray:
    """Colours [A, 4] of anchors."""
    span = max(np.ptp(order), 1e-12)
    colours: np.ndarray = colormaps["turbo"](0.05 + 0.9 * (order - order.min()) / span)
    return colours

"""Heat maps: matrices of a run, rank correlations between scores, improvement per factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from metrics.scores import Matrix
from results.charts import new_figure, save_figure

CELLS_WITH_NUMBERS = 400
FEWEST_FOR_A_CORRELATION = 3
LONG_LABEL = 8
GREY = "#d5d8dc"


def heat_map(matrix: Matrix, title: str, path: Path, largest: float | None = 1.0) -> None:
    """Values [rows, columns] as colours from 0 to `largest` (None: the largest value), with the numbers in cells where they fit.

    Correlations and whatever else falls below 0 are coloured from blue to red, 0 in the middle.
    """
    values = np.asarray(matrix.values, dtype=float)
    width, height = 1.8 + 0.72 * len(matrix.columns), 1.5 + 0.36 * len(matrix.rows)
    figure = new_figure(max(4.2, width, 0.085 * len(title) + 0.6), max(2.6, height))
    panel = figure.subplots()
    image = _cells(panel, values, matrix.rows, matrix.columns, *_colours(values, largest), "{:.2f}")
    panel.set_title(title, fontsize=11)
    figure.colorbar(image, ax=panel, shrink=0.9, aspect=30).outline.set_visible(False)
    save_figure(figure, path)


def heat_maps(matrices: Mapping[str, Matrix], path: Path) -> None:
    """One panel for each matrix under its title, up to three side by side, coloured as `heat_map` does, each to its own largest value."""
    columns = min(3, len(matrices))
    lines = -(-len(matrices) // columns)
    width = max(max(3.6, 1.8 + 0.62 * len(matrix.columns)) for matrix in matrices.values())
    height = max(max(2.6, 1.3 + 0.3 * len(matrix.rows)) for matrix in matrices.values())
    figure = new_figure(width * columns, height * lines)
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for panel in panels[len(matrices) :]:
        panel.set_axis_off()
    for panel, (title, matrix) in zip(panels, matrices.items(), strict=False):
        values = np.asarray(matrix.values, dtype=float)
        image = _cells(panel, values, matrix.rows, matrix.columns, *_colours(values, None), "{:.2f}")
        panel.set_title(title, fontsize=10)
        figure.colorbar(image, ax=panel, shrink=0.9, aspect=30).outline.set_visible(False)
    save_figure(figure, path)


def rank_correlation(values: pd.DataFrame, title: str, path: Path) -> bool:
    """Spearman correlation between the columns of `values` (one row per run and stage), as a heat map from -1 to 1.

    Returns False, and writes nothing, where there are fewer than three rows, or fewer than two columns that vary.
    """
    values = values.loc[:, values.nunique() > 1]  # what never varies has no rank
    if len(values) < FEWEST_FOR_A_CORRELATION or values.shape[1] < 2:
        return False
    correlations = values.corr(method="spearman", min_periods=FEWEST_FOR_A_CORRELATION).to_numpy()
    names = list(values.columns)
    size = 3.2 + 0.62 * len(names)
    figure = new_figure(size + 0.8, size * 0.86)
    panel = figure.subplots()
    image = _cells(panel, correlations, names, names, "RdBu_r", (-1.0, 1.0), "{:+.2f}")
    panel.set_title(title, fontsize=11)
    figure.colorbar(image, ax=panel, shrink=0.8, aspect=30).outline.set_visible(False)
    save_figure(figure, path)
    return True


def improvement(matrix: Matrix, title: str, path: Path) -> None:
    """Improvement in points, factors [rows] by scores [columns], as colours centred on no change."""
    values = np.asarray(matrix.values, dtype=float)
    reach = max(1.0, _largest(np.abs(values)))
    figure = new_figure(3.0 + 1.25 * len(matrix.columns), 2.0 + 0.42 * len(matrix.rows))
    panel = figure.subplots()
    image = _cells(panel, values, matrix.rows, matrix.columns, "RdBu", (-reach, reach), "{:+.1f}")
    panel.set_title(title, fontsize=11)
    figure.colorbar(image, ax=panel, shrink=0.9, aspect=30).outline.set_visible(False)
    save_figure(figure, path)


def _cells(
    panel: Axes,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    colours: str,
    limits: tuple[float, float],
    form: str,
) -> AxesImage:
    """Draws a matrix; numbers in dark or light ink by the brightness of their cell; what is not a number is grey with a dash."""
    map_ = matplotlib.colormaps[colours].with_extremes(bad=GREY)
    image = panel.imshow(np.ma.masked_invalid(values), cmap=map_, vmin=limits[0], vmax=limits[1], aspect="auto")
    panel.set_xticks(range(len(columns)), columns, fontsize=9)
    if max(map(len, columns)) > LONG_LABEL:
        for label in panel.get_xticklabels():
            label.set(rotation=30, ha="right", rotation_mode="anchor")
    panel.set_yticks(range(len(rows)), rows, fontsize=9)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    if values.size <= CELLS_WITH_NUMBERS:
        for (i, j), value in np.ndenumerate(values):
            red, green, blue, _ = map_(image.norm(value)) if np.isfinite(value) else (1, 1, 1, 1)
            dark = 0.299 * red + 0.587 * green + 0.114 * blue > 0.55
            text = form.format(value) if np.isfinite(value) else "–"
            panel.text(j, i, text, ha="center", va="center", fontsize=8, color="#1e2228" if dark else "white")
    return image


def _colours(values: np.ndarray, largest: float | None) -> tuple[str, tuple[float, float]]:
    """The colour map and its limits."""
    top = _largest(np.abs(values)) if largest is None else largest
    below = values[np.isfinite(values)].min(initial=0.0) < -0.01 * top
    return ("RdBu_r", (-top, top)) if below else ("viridis", (0.0, top))


def _largest(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) and finite.max() > 0 else 1.0

"""The card of a data set, after Gebru et al. (2018, arXiv 1803.09010) cut to what can be measured: a Markdown file and a picture.

It says where the images came from and under which licence, which factors they have and whether every combination of them is there,
how bright the pixels are, and which values of a factor look alike. The picture has a row for each factor, the others held.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from datasets.factor_tables import GridTable
from datasets.factored_dataset import FactoredDataset
from datasets.preparation.catalogue import PublishedSet
from datasets.preparation.megabytes import size
from foundation.atomic_files import write_text
from foundation.randomness import stream
from results.factor_rows import FactorRow, factor_rows
from results.pictures import labelled_rows

MEASURED = 500
"""Images that pixels are measured on."""
COUNTED = 5_000_000
"""Rows of a listed table up to which its combinations are counted."""


def write_card(dataset: FactoredDataset, folder: Path, seed: int, said: str, about: PublishedSet | None) -> list[Path]:
    """Writes NAME.md, and NAME.png where observations are images; returns what was written.

    `said` is what the configuration says of the set, `about` what is known of its publication.
    """
    name = dataset.name.replace(" ", "_").replace("/", "_")
    rows = factor_rows(dataset, stream(seed, "card"))
    shown = [dataset.observations(row.indices, stream(seed, "card", row.name)).numpy() for row in rows]
    picture = None
    if len(dataset.observation_shape) == 3:
        picture = folder / f"{name}.png"
        labelled_rows([_visible(images) for images in shown], [_label(dataset, row) for row in rows], picture)
    parts = [
        f"# {dataset.name}",
        said,
        _origin(dataset, about),
        "## Factors",
        _factors(dataset, rows, shown),
        _combinations(dataset),
        "## Observations",
        _measured(dataset, seed),
    ]
    if picture is not None:
        parts += [f"![One row for each factor]({picture.name})", _caption(rows)]
    card = folder / f"{name}.md"
    write_text(card, "\n\n".join(part for part in parts if part) + "\n")
    return [card, *([picture] if picture else [])]


def _origin(dataset: FactoredDataset, about: PublishedSet | None) -> str:
    shape = " x ".join(map(str, dataset.observation_shape))
    lines = [("observations", f"{len(dataset.factors):,} of {shape}, float32"), ("from", dataset.provenance)]
    if about is not None:
        hashes = ", ".join(f"{file.name} {file.hash_}" for file in about.files if file.hash_)
        lines += [("publisher", about.publisher), ("licence of the published files", about.licence)]
        lines += [("published files", f"{', '.join(file.name for file in about.files)} ({size(about.bytes_)})")]
        lines += [("hashes", hashes or "none known")]
    return _table(("", ""), lines)


def _factors(dataset: FactoredDataset, rows: Sequence[FactorRow], shown: Sequence[np.ndarray]) -> str:
    space = dataset.factor_space
    lines = []
    for row, images, size_, kind in zip(rows, shown, space.sizes, space.kinds, strict=True):
        values = str(size_) if size_ else f"{row.values.min():g} to {row.values.max():g}"
        lines.append((row.name, kind, values, _alike(row, images)))
    return _table(("factor", "kind", "values", "look alike"), lines)


def _alike(row: FactorRow, images: np.ndarray) -> str:
    """Which of the values shown give the same pixels."""
    groups: dict[bytes, list[str]] = {}
    for value, image in zip(row.values, images, strict=True):
        groups.setdefault(image.tobytes(), []).append(f"{value:g}")
    return "; ".join(" = ".join(group) for group in groups.values() if len(group) > 1)


def _combinations(dataset: FactoredDataset) -> str:
    table, space = dataset.factors, dataset.factor_space
    if isinstance(table, GridTable):
        return "Every combination of values is there once."
    if "continuous" in space.kinds or len(table) > COUNTED:
        return ""
    possible, there = math.prod(space.sizes), len(np.unique(table[np.arange(len(table))], axis=0))
    repeated = f"; {len(table) - there:,} observations repeat one" if there < len(table) else ""
    return f"{there:,} of {possible:,} combinations of values are there{repeated}."


def _measured(dataset: FactoredDataset, seed: int) -> str:
    rng = stream(seed, "card", "pixels")
    images = dataset.observations(rng.integers(0, len(dataset.factors), MEASURED), rng).numpy().astype(np.float64)
    channels = images.reshape(MEASURED, images.shape[1], -1)
    lines = [
        (
            str(c),
            *(f"{value:.3f}" for value in (one.mean(), one.std(), one.min(), one.max())),
            f"{(one == 0).mean():.1%}",
            f"{(one == 1).mean():.1%}",
        )
        for c, one in enumerate(channels.transpose(1, 0, 2))
    ]
    return (
        _table(("channel", "mean", "deviation", "lowest", "highest", "at 0", "at 1"), lines)
        + f"\n\n({MEASURED} drawn uniformly, seed {seed})"
    )


def _caption(rows: Sequence[FactorRow]) -> str:
    loose = [row.name for row in rows if not row.held]
    return "*One row for each factor, all from one observation; the others are held" + (
        f", but for {', '.join(loose)}.*" if loose else ".*"
    )


def _label(dataset: FactoredDataset, row: FactorRow) -> str:
    size_ = dataset.factor_space.sizes[dataset.factor_space.index(row.name)]
    first = f"{row.values[0]:g}" if len(row.values) == 1 else f"{row.values[0]:g} to {row.values[-1]:g}"
    count = f" ({len(row.values)} of {size_})" if size_ > len(row.values) else ""
    return f"{row.name}\n{first}{count}" + ("" if row.held else "\nothers vary")


def _visible(images: np.ndarray) -> np.ndarray:
    """The channels that a picture can show: the first three, or the first."""
    return images[:, : 3 if images.shape[1] >= 3 else 1]


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows)

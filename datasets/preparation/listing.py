"""The table of published sets: what is here, what the others would take, and what stands in for them meanwhile."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from pathlib import Path

from datasets.data_folder import VARIABLE, data_folder, found
from datasets.packed_cache import cache_folder
from datasets.preparation.catalogue import PublishedSet, plain_name
from datasets.preparation.megabytes import size

HEADER = ("data set", "here", "brings", "how", "stand-in", "licence")
GAP = 2
LEAST_LICENCE = 14
"""Columns of text below which the licence is left out."""


def state(one: PublishedSet, root: Path | None) -> str:
    """found, partly, or missing; packed too where a store was made after its files came. Nothing is opened."""
    present = one.present(root)
    if not present:
        return "missing"
    if len(present) < len(one.files):
        return f"{len(present)} of {len(one.files)} files"
    stores = [path for name in one.packed_as for path in cache_folder().glob(f"{name}-*.npy")]
    newest = max(path.stat().st_mtime for path in present)
    return "found, packed" if any(store.stat().st_mtime >= newest for store in stores) else "found"


def stand_in(one: PublishedSet, rendered: Collection[str]) -> str:
    """The rendered set of the same factors, sizes and image shape, among the data sets `rendered` that there are."""
    own = f"rendered_{plain_name(one.name)}"
    if own in rendered or one.stand_in is None:
        return own if own in rendered else "-"
    return one.stand_in if one.stand_in in rendered or not one.stand_in.startswith("rendered_") else "-"


def listing(sets: tuple[PublishedSet, ...], rendered: Collection[str], width: int) -> str:
    """The whole text, no line longer than `width` (which is at least 60). `rendered` names the data sets that need no file."""
    root = data_folder()
    lines = [HEADER]
    for one in sets:
        how = "fetch" if one.fetched else "by hand"
        lines.append((one.name, state(one, root), size(one.bytes_), how, stand_in(one, rendered), one.licence))
    fixed = [max(len(line[column]) for line in lines) for column in range(len(HEADER) - 1)]
    left = width - sum(fixed) - GAP * len(fixed)
    columns = len(HEADER) if left >= LEAST_LICENCE else len(HEADER) - 1
    while columns < len(HEADER) and sum(fixed[:columns]) + GAP * (columns - 1) > width and columns > 2:
        columns -= 1
    text = "\n".join(_line(line, fixed, left, columns) for line in lines)
    here = sum(len(one.present(root)) == len(one.files) for one in sets)
    missing = sum(file.bytes_ for one in sets for file in one.files if found(file.places, root) is None)
    where = f"in {root}" if root else f"({VARIABLE} is not set: nothing can be found or fetched; set it, or give --root DIR)"
    closing = [
        f"{here} of {len(sets)} sets are here {where}; the others would take about {size(missing)}.",
        "Fetch a set with `python prepare_datasets.py fetch NAME`; by hand means that it prints what to do. dSprites serves its "
        "coloured and noisy sets too, COIL-100 its augmented ones, RGB-D objects those with depth.",
        "No set is needed to begin: a stand-in has the factors, sizes and image shape of its original and is made here.",
    ]
    return text + "\n\n" + "\n".join(textwrap.fill(part, width) for part in closing) + "\n"


def _line(cells: tuple[str, ...], widths: list[int], left: int, columns: int) -> str:
    padded = [f"{cell:>{width}}" if i == 2 else f"{cell:<{width}}" for i, (cell, width) in enumerate(zip(cells, widths, strict=False))]
    if columns == len(HEADER):
        licence = cells[-1]
        padded.append(licence if len(licence) <= left else licence[: left - 3] + "...")
    return (" " * GAP).join(padded[:columns]).rstrip()

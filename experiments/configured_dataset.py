"""The data sets of the project: files in configs/datasets/, and one's own, opened without the experiment around them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from datasets.batches import Observed
from datasets.factored_dataset import FactoredDataset
from foundation.errors import UserError
from settings.opening import opened
from settings.reading import ROOT

DATASETS = ROOT / "configs" / "datasets"
_AROUND = """from __gin__ import dynamic_registration
from datasets import batches
from datasets import views

include '{path}'
batches.Observed.views = @views.Single()
"""


@contextlib.contextmanager
def configured_dataset(name: str) -> Iterator[tuple[FactoredDataset, str]]:
    """The data set of configs/datasets/NAME.gin, or of a .gin file given by its path, and what the head of the file says of it.

    Raises UserError for an unknown name, and for all that opening a configuration or a data set finds wrong.
    """
    path = _path(name)
    with tempfile.TemporaryDirectory() as folder:
        around = Path(folder) / f"{path.stem}.gin"
        around.write_text(_AROUND.format(path=path), encoding="utf-8")
        with opened(around, Observed) as configuration:
            yield configuration.built.dataset, _head(path)


def _path(name: str) -> Path:
    """Published names have dashes, files underscores."""
    if name.endswith(".gin"):
        path = Path(name).absolute()
        if not path.is_file():
            raise UserError(f"there is no file {path}")
        return path
    path = DATASETS / f"{name.replace('-', '_')}.gin"
    if not path.is_file():
        known = ", ".join(sorted(other.stem for other in DATASETS.glob("*.gin")))
        raise UserError(f"there is no data set {name!r}; there are {known}, or give a .gin file of your own")
    return path


def _head(path: Path) -> str:
    """The comment that the file begins with, as one paragraph."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return " ".join(line.lstrip("# ") for line in lines[:head])

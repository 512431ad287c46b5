"""OMES as its authors offer it: a class per score, over two files, with a nested result (Dapueto et al. 2024, arXiv 2409.18017).

    scores = OMES(mode="mean", representation_path="saved/representations", classes_path="saved/classes").get_score()
    scores["max"][0.5]                                          # pooling, alpha: the mean over the factors
    OMESFactors(mode=..., ...).get_score()["max"][0.5]["scale"]    # pooling, alpha, factor

Differs from the released code: `get_score` writes no files and draws no figure: what the release leaves beside the data is in
`association`, `inactive` and `cov`. The exact estimator is the default, `estimator="sampled"` the published one. A factor that
has no score is NaN, with a warning that names it, and the mean is over the others. Dimensions are numbered as in the codes.
"""

from __future__ import annotations

import math
import warnings
from functools import cached_property
from pathlib import Path

import numpy as np

from foundation.errors import UserError
from foundation.randomness import stream
from metrics.omes import omes
from metrics.representation_files import load_files
from metrics.scores import Row, Scores


class _PublishedInterface:
    """Two files, given without their endings .npz and .csv, and what OMES finds in them."""

    def __init__(
        self, mode: str, representation_path: str | Path, classes_path: str | Path, *, estimator: str = "exact", seed: int = 0
    ) -> None:
        self.mode = mode
        self.representation_path = representation_path
        self.classes_path = classes_path
        self.estimator = estimator
        self.seed = seed

    @cached_property
    def scores(self) -> Scores:
        """All rows, the matrix and the refusals. Raises UserError where the files cannot be scored."""
        representation = load_files(Path(f"{self.representation_path}.npz"), Path(f"{self.classes_path}.csv"), self.mode)
        draw = stream(self.seed, "score", "omes")
        found = omes(representation, draw, estimator=self.estimator, jackknife_blocks=0)
        for refusal in found.refusals:
            warnings.warn(f"no OMES for {refusal.factor or 'any factor'}: {refusal.reason}", stacklevel=2)
        if not any(row.metric == "omes" for row in found.rows):
            raise UserError(f"OMES has no score for {self.representation_path}: {found.refusals[0].reason}")
        return found

    @property
    def association(self) -> dict[str, int]:
        """Factor -> the dimension that encodes it best, among the active ones."""
        return {str(row.factor): int(row.value) for row in self.scores.rows if row.metric == "omes_dimension"}

    @property
    def inactive(self) -> list[int]:
        """The dimensions that take no part, because they hardly vary."""
        return [k for k, label in enumerate(self.scores.matrices["association"].rows) if label.endswith("dead")]

    @property
    def cov(self) -> np.ndarray:
        """S, the association of all dimensions with the scored factors, [D, F]."""
        return self.scores.matrices["association"].values

    def _rows(self) -> list[tuple[str, float, Row]]:
        return [(str(row.setting["pooling"]), float(row.setting["alpha"]), row) for row in self.scores.rows if row.metric == "omes"]


class OMES(_PublishedInterface):
    """The mean over the factors."""

    def get_score(self) -> dict[str, dict[float, float]]:
        """{pooling: {alpha: score}}, ready for json.dump. Raises UserError for files that cannot be scored."""
        result: dict[str, dict[float, float]] = {}
        for pooling, alpha, row in self._rows():
            if row.factor is None:
                result.setdefault(pooling, {})[alpha] = row.value
        return result


class OMESFactors(_PublishedInterface):
    """Each factor by itself."""

    def get_score(self) -> dict[str, dict[float, dict[str, float]]]:
        """{pooling: {alpha: {factor: score}}}, ready for json.dump. Raises UserError for files that cannot be scored."""
        result: dict[str, dict[float, dict[str, float]]] = {}
        for pooling, alpha, row in self._rows():
            by_factor = result.setdefault(pooling, {}).setdefault(alpha, {})
            if row.factor is not None:
                by_factor[row.factor] = row.value
        for refusal in self.scores.refusals:
            for by_alpha in result.values():
                for by_factor in by_alpha.values():
                    by_factor[str(refusal.factor)] = math.nan
        return result

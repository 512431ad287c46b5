"""Which elements a group has, and on which dimensions each acts: labels on pairs of latent dimensions.

Every pair of dimensions gets one element of each label, so that A = len(labels) * (D // 2), and element i * len(labels) + k is the k-th
label on pair i. Painter et al. (2020, arXiv 2008.07922), released code; there matrices of 3 and 4 dimensions all begin with the first
pair, here (unless `released`) with their own, or with an earlier one where dimensions end.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from foundation.errors import UserError

SENSES = {"c": 0, "c+": 1, "c-": -1, "cn": 1, "CN": 1}
"""Rotations, and the sense in which each starts (0: either)."""
KEPT = {"c+": 1, "c-": -1}
SIZES = {"m": 2, "m3": 3, "m4": 4}
"""Learned matrices, and their size."""
LABELS = (*SENSES, "0", *SIZES, "ddn")


class Structure:
    """`labels` [A] and `pairs` [A] of the elements. Raises UserError for unknown labels and too few dimensions."""

    def __init__(self, dimensions: int, labels: Sequence[str], *, released: bool = False) -> None:
        unknown = [label for label in labels if label not in LABELS]
        if unknown or not labels:
            raise UserError(f"a group structure is made of {', '.join(LABELS)}, not {', '.join(unknown) or 'nothing'}")
        needed = max(SIZES.get(label, 2) for label in labels)
        if dimensions < needed:
            raise UserError(f"the structure {' '.join(labels)} needs {needed} latent dimensions, not {dimensions}")
        self.dimensions, self.released = dimensions, released
        self.labels = tuple(labels) * (dimensions // 2)
        self.pairs = tuple(pair for pair in range(dimensions // 2) for _ in labels)

    def __len__(self) -> int:
        return len(self.labels)

    def size(self, element: int) -> int:
        """How many dimensions an element acts on."""
        return SIZES.get(self.labels[element], 2)

    def corner(self, element: int) -> int:
        """The first dimension that an element acts on."""
        size = self.size(element)
        return 0 if self.released and size > 2 else min(2 * self.pairs[element], self.dimensions - size)

    def dimensions_of(self, element: int) -> slice:
        """The dimensions that an element acts on (in a basis of its own it may act on all); none for the label 0."""
        first = self.corner(element)
        return slice(first, first + (self.size(element) if self.labels[element] != "0" else 0))

    def places(self, labels: Container[str]) -> list[int]:
        """Elements with one of these labels."""
        return [k for k, label in enumerate(self.labels) if label in labels]

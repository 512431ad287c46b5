"""What other implementations measured on the reference codes, where they are at hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from foundation.randomness import stream
from metrics.representation import Representation
from metrics.representation_files import load_representation
from tests.metrics.codes import drawn, of, reference_folder, reference_scores

SETS = ("example", "a_perfect", "b_rotated", "c_redundant", "d_merged", "e_random", "f_dead3")
every_set = pytest.mark.parametrize(("name", "mode"), [(name, mode) for name in SETS for mode in ("mean", "sampled")])
LIBRARY, COMPARISON = "disentanglement_lib", "ubisoft-laforge (unpatched)"


@cache
def codes_of(name: str, mode: str) -> Representation:
    return load_representation(reference_folder(name), mode)


@cache
def all_scores():
    return reference_scores("scores.json")


def measured(metric: str, implementation: str, name: str, mode: str, **params):
    """Values of this metric on this set, one for each time it was measured; the test is skipped where it was not."""
    wanted = {"metric": metric, "impl": implementation, "set": name, "mode": mode}
    found = [
        entry["value"]
        for entry in all_scores()
        if all(entry[key] == of_it for key, of_it in wanted.items()) and all(entry["params"].get(key) == v for key, v in params.items())
    ]
    if not found:
        pytest.skip(f"{metric} of {implementation} was not measured on {name}/{mode}")
    return found


def entangled(samples: int = 600, seed: int = 0) -> Representation:
    """Three factors in four mixed, noisy dimensions."""
    rng = stream(seed, "entangled")
    factors = drawn((4, 5, 3), samples, rng)
    return of(factors @ rng.normal(size=(3, 4)) + 0.2 * rng.normal(size=(samples, 4)), factors)


def changed(representation: Representation, codes: np.ndarray | None = None, factors: np.ndarray | None = None) -> Representation:
    return of(
        representation.codes if codes is None else codes, representation.factors if factors is None else factors, mode=representation.mode
    )


def reordered(representation: Representation) -> Representation:
    """The same code with its dimensions in another order, mirrored and rescaled by powers of two, its samples in another order too."""
    order = stream(1, "order").permutation(len(representation.codes))
    codes = representation.codes[order]
    columns = stream(2, "order").permutation(codes.shape[1])
    scales = np.resize([-2.0, 4.0, 0.5, -8.0], codes.shape[1])
    return changed(representation, codes[:, columns] * scales, representation.factors[order])

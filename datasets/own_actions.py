"""Your own images with actions between them: one long recorded walk, or pairs that each have an action.

    np.savez("walk.npz", images=images, actions=actions)      # [N, ...] and [N - 1]: action k leads from image k to image k + 1
    np.savez("pairs.npz", pairs=pairs, actions=actions)       # [P, 2, ...] and [P]: action p leads from the first to the second

A walk is seen through walks.RecordedWalks, pairs through own_actions.GivenPairs. Factors may be given for scores; actions are whole
numbers from 0, and may say what they move (`action_factors`, words) and in which direction (`action_signs`, 1 or -1).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from datasets.actions import ActionSpace, Walk
from datasets.array_dataset import ArrayDataset
from datasets.factored_dataset import FactoredDataset
from datasets.own_arrays import read_arrays, words
from foundation.errors import UserError

_OPTIONAL = ("factors", "names", "kinds", "action_factors", "action_signs")


class RecordedImages(ArrayDataset):
    """Images [N, ...] in the order of one walk, and its actions [N - 1] (a last one that leads nowhere may follow).

    `space` says what the actions do, None numbers them. Without `factors` [N, F] the only factor is the step. Raises UserError for
    shapes and values that do not fit.
    """

    def __init__(
        self,
        images: np.ndarray,
        actions: np.ndarray,
        factors: np.ndarray | None = None,
        names: Sequence[str] = (),
        kinds: Sequence[str] = (),
        space: ActionSpace | None = None,
        name: str = "own walk",
    ) -> None:
        factors, names = (np.arange(len(images))[:, None], ("step",)) if factors is None else (factors, names)
        super().__init__(images, factors, names, kinds, name)
        if len(actions) not in (len(images) - 1, len(images)) or len(images) < 2:
            raise UserError(f"{name}: {len(images)} images need {len(images) - 1} actions between them, not {len(actions)}")
        self._actions, self._space = _checked(actions[: len(images) - 1], space, name)

    @cached_property
    def walk(self) -> Walk:
        return Walk(self._actions, self._space)


class ImagePairs(ArrayDataset):
    """Pairs [P, 2, ...] and the action [P] that leads from the first image to the second; rows 2 p and 2 p + 1 are a pair.

    `space` says what the actions do, None numbers them. Without `factors` [P, 2, F] the only factor is the pair.
    """

    def __init__(
        self,
        pairs: np.ndarray,
        actions: np.ndarray,
        factors: np.ndarray | None = None,
        names: Sequence[str] = (),
        kinds: Sequence[str] = (),
        space: ActionSpace | None = None,
        name: str = "own pairs",
    ) -> None:
        if pairs.ndim < 4 or pairs.shape[1] != 2:
            raise UserError(f"{name}: pairs must be [P, 2, H, W], [P, 2, H, W, C] or [P, 2, C, H, W], not {list(pairs.shape)}")
        rows = 2 * len(pairs)
        factors, names = (np.arange(rows)[:, None] // 2, ("pair",)) if factors is None else (factors.reshape(rows, -1), names)
        super().__init__(pairs.reshape(rows, *pairs.shape[2:]), factors, names, kinds, name)
        if len(actions) != len(pairs):
            raise UserError(f"{name}: {len(pairs)} pairs need as many actions, not {len(actions)}")
        self.actions, self.action_space = _checked(actions, space, name)


class GivenPairs:
    """The pairs of an ImagePairs, drawn uniformly, with their actions."""

    views = 2
    apart = 1

    def actions(self, dataset: FactoredDataset) -> ActionSpace:
        return self._pairs(dataset).action_space

    def draw(self, dataset: FactoredDataset, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        pairs = self._pairs(dataset)
        chosen = rng.integers(0, len(pairs.actions), size)
        return 2 * chosen[:, None] + np.arange(2), pairs.actions[chosen][:, None]

    def _pairs(self, dataset: FactoredDataset) -> ImagePairs:
        if not isinstance(dataset, ImagePairs):
            raise UserError(f"{dataset.name} has no pairs of its own; use views.WeakPairs or walks.ActionWalks, which make them")
        return dataset


def walk_from_npz(path: str) -> RecordedImages:
    """The walk of an npz file with `images` and `actions`, and what else of the arrays above it has. Nothing is unpickled."""
    arrays = read_arrays(path, ("images", "actions"), _OPTIONAL)
    dataset = RecordedImages(arrays["images"], arrays["actions"], *_described(arrays), name=Path(path).stem)
    dataset.provenance = f"file {path}"
    return dataset


def pairs_from_npz(path: str) -> ImagePairs:
    """The pairs of an npz file with `pairs` and `actions`, and what else of the arrays above it has. Nothing is unpickled."""
    arrays = read_arrays(path, ("pairs", "actions"), _OPTIONAL)
    dataset = ImagePairs(arrays["pairs"], arrays["actions"], *_described(arrays), name=Path(path).stem)
    dataset.provenance = f"file {path}"
    return dataset


def _described(
    arrays: dict[str, np.ndarray],
) -> tuple[np.ndarray | None, tuple[str, ...], tuple[str, ...], ActionSpace | None]:
    """Factors, their names and kinds, and the space of actions, as far as they are given."""
    nothing = np.empty(0, str)
    space = None
    if "action_factors" in arrays:
        moved = words(arrays["action_factors"])
        signs = tuple(int(sign) for sign in arrays.get("action_signs", np.ones(len(moved))))
        space = ActionSpace(moved, signs, (None,) * len(moved))
    return arrays.get("factors"), words(arrays.get("names", nothing)), words(arrays.get("kinds", nothing)), space


def _checked(actions: np.ndarray, space: ActionSpace | None, name: str) -> tuple[np.ndarray, ActionSpace]:
    """Actions as int64, and their space. Raises UserError for anything but whole numbers from 0 that the space has."""
    whole = actions.astype(np.int64) if np.issubdtype(actions.dtype, np.number) and actions.ndim == 1 else np.empty(0, np.int64)
    if not len(whole) or not np.array_equal(whole, actions) or whole.min() < 0:
        raise UserError(f"{name}: actions must be one whole number from 0 each, not {actions.dtype} {list(actions.shape)}")
    count = int(whole.max()) + 1
    space = space or ActionSpace(tuple(f"action {k}" for k in range(count)), (1,) * count, (None,) * count)
    if count > len(space):
        raise UserError(f"{name}: actions go to {count - 1}, but only {len(space)} of them are described")
    return whole, space

"""Beginning from other weights: named parts of a model, each loaded strictly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from foundation.errors import UserError
from models.model import Model


def load_parts(model: Model, weights: Mapping[str, Tensor], parts: Sequence[str], origin: str) -> None:
    """Loads named children of a model from the weights of another model that has children of these names.

    A transfer loads `network` from a weakly supervised model into a plain one. Where the other model has no child of a name, it is the
    part itself: a VAE becomes the `backbone` of a group model. Raises UserError, naming the part and `origin`, where a child is missing,
    lacks a weight, or has another shape.
    """
    for part in parts:
        child = {name.removeprefix(f"{part}."): value for name, value in weights.items() if name.startswith(f"{part}.")} or weights
        try:
            model.get_submodule(part).load_state_dict(child, strict=True)
        except (AttributeError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(
                f"the part {part!r} of {origin} does not fit this {type(model).__name__}; configure the same network in both: {reason}"
            ) from error

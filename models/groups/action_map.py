"""Which element stands for which action of the data: pairs of dimensions for the factors that move, labels for the directions.

The k-th axis of the actions gets the k-th pair. In it a forward action gets c+ where there is one, a backward action c-; what is left
takes the remaining labels in their order (0 is nobody's). Where a pair has one element less than its axis has actions, an action is the
inverse of the one that it undoes.

Differs from the released code: there an action's number is its element's, so that FlatLand's 0 and 1, which are down and left, are
taken for each other's inverses.
"""

from __future__ import annotations

from datasets.actions import ActionSpace
from foundation.errors import UserError
from models.groups.structure import Structure

OWN = {1: "c+", -1: "c-"}


def elements_of(actions: ActionSpace, structure: Structure) -> list[tuple[int, int]]:
    """Element and power (1 or -1) of each action. Raises UserError where there are too few pairs or elements."""
    axes = actions.axes
    pairs = structure.dimensions // 2
    if not actions:
        raise UserError("these batches reveal no actions; draw them with walks.RecordedWalks or walks.ActionWalks")
    if len(axes) > pairs:
        raise UserError(
            f"actions move {len(axes)} factors ({', '.join(axes)}), but {structure.dimensions} latent dimensions are "
            f"{pairs} pair(s); raise latent_dimensions to {2 * len(axes)}"
        )
    found: dict[int, tuple[int, int]] = {}
    for pair, axis in enumerate(axes):
        own = sorted((a for a, factor in enumerate(actions.factors) if factor == axis), key=lambda a: -actions.signs[a])
        free = [k for k, at in enumerate(structure.pairs) if at == pair and structure.labels[k] != "0"]
        for action in own:
            wanted = next((k for k in free if structure.labels[k] == OWN.get(actions.signs[action])), None)
            if wanted is not None:
                free.remove(wanted)
                found[action] = (wanted, 1)
        for action in (a for a in own if a not in found):
            undone = actions.inverses[action]
            if free:
                found[action] = (free.pop(0), 1)
            elif undone in found:
                found[action] = (found[undone][0], -1)
            else:
                raise UserError(f"no element is left for the action {actions.names[action]}; give the group structure more labels")
    return [found[action] for action in range(len(actions))]

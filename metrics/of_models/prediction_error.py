"""How well a model's own action foretells the second picture of a pair, against doing nothing. 0 is perfect, 1 as good as nothing.

prediction_error is the mean squared distance between the moved code and the code of the second picture, divided by that between the codes
of the two pictures. `of` "images" compares the decoded moved code with the second picture, and divides by how far the decoded code of the
first, unmoved, is from it (0 is out of reach there: no decoder is perfect). `by` "matched" moves by the own action that stands for the
true one (see action_matching), `by` "policy" or "nearest" by the one that is chosen for the pair.

What it cannot tell: whether actions are independent, or linear for more than one step.
"""

from __future__ import annotations

import numpy as np
import torch

from datasets.batches import BatchSource
from metrics.of_models.action_matching import cannot_choose, choices, own_actions
from metrics.of_models.action_pairs import drawn_pairs
from metrics.scores import Row, Scores
from models.groups.acting import Acting
from models.model import Model, Representer


@torch.inference_mode()
def prediction_error(
    model: Model,
    source: BatchSource,
    rng: np.random.Generator,
    *,
    pairs: BatchSource | None = None,
    rows: int = 2000,
    images: bool = True,
) -> Scores:
    """Rows as above, on `rows` of `pairs` (None: of the source of training), after as many to match actions by.

    `images` False spares decoding.
    """
    source = pairs or source
    refusal = cannot_choose("prediction_error", model, source)
    if refusal is not None:
        return Scores(refusals=[refusal])
    assert isinstance(model, Acting) and isinstance(model, Representer)
    own = own_actions(model, choices(model, source, rng, rows), len(source.spec.actions))
    errors: dict[tuple[str, str], float] = {}

    def add(of: str, by: str, one: torch.Tensor, other: torch.Tensor) -> None:
        errors[of, by] = errors.get((of, by), 0.0) + float((one - other).double().square().sum())

    for first, second, actions in drawn_pairs(model, source, rng, rows):
        before, after = model.encode(torch.cat([first, second])).mean.chunk(2)
        reached = model.acted(before)
        nearest = (reached - after.unsqueeze(1)).square().sum(2).argmin(1)
        policy = model.action_probabilities(first, second)
        taken = {"matched": torch.from_numpy(own[actions]).to(before.device), "nearest": nearest}
        if policy is not None:
            taken["policy"] = policy.argmax(1)
        ends = {"nothing": before}
        for by, action in taken.items():
            moved = reached[torch.arange(len(action), device=before.device), action.clamp_min(0)]
            ends[by] = torch.where((action >= 0).unsqueeze(1), moved, before)  # what has no own action stays where it is
        for by, end in ends.items():
            add("codes", by, end, after)
            if images:
                add("images", by, model.decode(end), second)
    result = []
    for (of, by), error in errors.items():
        if by != "nothing":
            ratio = error / errors[of, "nothing"] if errors[of, "nothing"] else float("nan")
            result.append(Row("prediction_error", {"of": of, "by": by, "rows": rows}, None, ratio))
    return Scores(result)

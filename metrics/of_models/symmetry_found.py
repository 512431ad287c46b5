"""Did the model find the symmetry? 1 or 0 for a run, so that the mean over seeds is the share of seeds that found it.

An action of the data is found where the model's OWN action that stands for it turns by the right angle, to within `angle` radians, and is
chosen in at least the share `accuracy` of its pairs: by the policy where there is one, else by which map ends nearest. The symmetry is
found where every action is, and, where `independence` is asked, the maps fitted by least squares reach that much (see independence).
Which own action stands for which is settled by the maps alone, one to one (nearest; see action_matching), and holds for angles and
policy alike: a policy that always names the inverse is right up to a relabelling, and has found nothing. A model that knows its actions
is not matched.

What it cannot tell: how near a run came; the scores that it rests on do. An action whose factor has no circle is judged by its choices.
"""

from __future__ import annotations

import numpy as np

from datasets.batches import BatchSource
from metrics.of_models.action_matching import agreeing, cannot_choose, choices, confusion, matched
from metrics.of_models.angle_error import matched_angles
from metrics.of_models.independence import independence as independence_score
from metrics.scores import Refusal, Row, Scores, Setting, rows_by_factor
from models.groups.acting import Acting
from models.model import Model


def symmetry_found(
    model: Model,
    source: BatchSource,
    rng: np.random.Generator,
    *,
    pairs: BatchSource | None = None,
    rows: int = 2000,
    angle: float = 0.05,
    accuracy: float = 0.9,
    independence: float | None = None,
    independence_rows: int = 10_000,
) -> Scores:
    """Row symmetry_found, then the same by action (without the independence), on `rows` of `pairs` (None: of the source of training).

    Thresholds stand in the setting. `independence` None: not asked; else it is fitted on `independence_rows` pairs more.
    """
    source = pairs or source
    refusal = cannot_choose("symmetry_found", model, source)
    if refusal is not None:
        return Scores(refusals=[refusal])
    assert isinstance(model, Acting)
    space, found = source.spec.actions, choices(model, source, rng, rows)
    counts = {by: confusion(found.true, chosen, len(space), len(model.action_names)) for by, chosen in found.chosen.items()}
    chosen_by = "policy" if "policy" in counts else "nearest"
    stands = matched(counts["nearest"], model)
    own, true = matched_angles(model, stands, space)
    done = counts[chosen_by].sum(1)
    if not done.all():
        never = ", ".join(name for name, times in zip(space.names, done, strict=True) if not times)
        return Scores(refusals=[Refusal("symmetry_found", None, f"there are no pairs of {never}; raise `rows`")])
    turns = np.isnan(true) | (np.abs(own - true) <= angle)
    by_action = turns & (agreeing(counts[chosen_by], stands) >= accuracy * done)
    setting: Setting = {"angle": angle, "accuracy": accuracy, "chosen_by": chosen_by, "rows": rows}
    is_found = bool(by_action.all())
    if independence is not None:
        setting = {**setting, "independence": independence, "independence_rows": independence_rows}
        fitted = independence_score(model, source, rng, rows=independence_rows, fits=("least_squares",))
        if fitted.refusals:
            return Scores(refusals=[Refusal("symmetry_found", None, fitted.refusals[0].reason)])
        is_found = is_found and next(row.value for row in fitted.rows if row.metric == "independence") >= independence
    return Scores(
        [Row("symmetry_found", setting, None, float(is_found)), *rows_by_factor("symmetry_found", setting, space.names, by_action)]
    )

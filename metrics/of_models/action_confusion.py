"""Does a model that was never told its actions take the right one? Its choices against the truth, up to a relabelling that is one to one.

action_accuracy is the share of pairs whose choice is the own action that was matched to the action which was done (Hungarian method on
the counts; a model that knows its actions is not matched), from about 1 / A to 1; by action, with the mean over pairs first, and (setting
`statistic` "min") the worst. `chosen_by` "policy" takes the policy's likeliest action, "nearest" the one whose map ends nearest to the
code of the second picture, which every model with actions can do. policy_independence is the released "attention independence" of
Painter et al. (2020, arXiv 2008.07922): 1 - the mean cosine between the mean policies of different actions.

What it cannot tell: whether the maps are right; a policy may tell actions apart whose elements all do nothing (see prediction_error).
"""

from __future__ import annotations

import numpy as np

from datasets.batches import BatchSource
from metrics.of_models.action_matching import agreeing, cannot_choose, choices, confusion, matched
from metrics.of_models.action_pairs import action_matrix
from metrics.scores import Row, Scores, Setting, rows_by_factor
from models.groups.acting import Acting
from models.model import Model


def action_confusion(
    model: Model, source: BatchSource, rng: np.random.Generator, *, pairs: BatchSource | None = None, rows: int = 2000
) -> Scores:
    """Rows as above, on `rows` of `pairs` (None: of the source of training). Matrices `action_confusion_CHOSEN_BY`: shares."""
    source = pairs or source
    refusal = cannot_choose("action_accuracy", model, source)
    if refusal is not None:
        return Scores(refusals=[refusal])
    assert isinstance(model, Acting)
    space, found = source.spec.actions, choices(model, source, rng, rows)
    result, matrices = [], {}
    for chooser, chosen in found.chosen.items():
        counts = confusion(found.true, chosen, len(space), len(model.action_names))
        own = matched(counts, model)
        right = agreeing(counts, own)
        done = counts.sum(1)
        present = done > 0
        shares = right[present] / done[present]
        names = [name for name, is_present in zip(space.names, present, strict=True) if is_present]
        setting: Setting = {"chosen_by": chooser, "rows": rows}
        result.append(Row("action_accuracy", setting, None, float(right.sum() / done.sum())))
        result += rows_by_factor("action_accuracy", setting, names, shares)
        result.append(Row("action_accuracy", {**setting, "statistic": "min"}, None, float(shares.min())))
        matrices[f"action_confusion_{chooser}"] = action_matrix(counts / np.maximum(done[:, None], 1), space, model.action_names)
    if found.policy is not None:
        result.append(Row("policy_independence", {"rows": rows}, None, policy_independence(found.true, found.policy)))
    return Scores(result, matrices)


def policy_independence(true: np.ndarray, policy: np.ndarray) -> float:
    """1 - mean cosine between the summed policies [P, A] of different true actions [P]; 0 where all were one action."""
    sums = np.stack([policy[true == action].sum(0) for action in np.unique(true)])
    directions = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    cosines = (directions @ directions.T)[~np.eye(len(sums), dtype=bool)]
    return float(1 - cosines.mean()) if len(cosines) else 0.0

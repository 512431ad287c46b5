"""Accuracy of a random forest that reads the action off the codes of both pictures, or off a model's policy. From chance to 1.

Painter, Hare, Prugel-Bennett (2020, arXiv 2008.07922), released code ("downstream"): 100 trees of depth 15 on [mean(x1), mean(x2)], and on
the policy where there is one; 1000 pairs to learn from and 1000 to be tested on.

What it cannot tell: anything on the layout of a code; a VAE reaches 0.97 after one epoch.
"""

from __future__ import annotations

import numpy as np
import torch

from datasets.batches import BatchSource
from metrics.of_models.action_pairs import drawn_pairs, unfit
from metrics.scores import Refusal, Row, Scores, Setting
from models.groups.acting import Acting
from models.model import Model, Representer


def action_prediction(
    model: Model,
    source: BatchSource,
    rng: np.random.Generator,
    *,
    pairs: BatchSource | None = None,
    training_rows: int = 1000,
    test_rows: int = 1000,
) -> Scores:
    """Row `action_prediction` with the setting `read` "codes", and "policy" for models that have one."""
    from sklearn.ensemble import RandomForestClassifier

    source = pairs or source
    refusal = unfit("action_prediction", model, source)
    if refusal is not None:
        return Scores(refusals=[refusal])
    seen, actions = _seen(model, source, rng, training_rows + test_rows)
    training, test = slice(0, training_rows), slice(training_rows, None)
    if len(np.unique(actions[training])) < 2:
        return Scores(refusals=[Refusal("action_prediction", None, "all pairs to learn from have one action")])
    result = []
    for read, values in seen.items():
        forest = RandomForestClassifier(100, max_depth=15, random_state=int(rng.integers(2**31)), n_jobs=1)
        forest.fit(values[training], actions[training])
        setting: Setting = {"read": read, "training_rows": training_rows, "test_rows": test_rows}
        result.append(Row("action_prediction", setting, None, float(np.mean(forest.predict(values[test]) == actions[test]))))
    return Scores(result)


@torch.inference_mode()
def _seen(model: Model, source: BatchSource, rng: np.random.Generator, rows: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What is read, by name, [rows, ...] each; and the actions [rows]."""
    assert isinstance(model, Representer)
    parts: dict[str, list[np.ndarray]] = {"codes": []}
    actions = []
    for first, second, action in drawn_pairs(model, source, rng, rows):
        parts["codes"].append(torch.cat(model.encode(torch.cat([first, second])).mean.chunk(2), 1).cpu().numpy())
        policy = model.action_probabilities(first, second) if isinstance(model, Acting) else None
        if policy is not None:
            parts.setdefault("policy", []).append(policy.cpu().numpy())
        actions.append(action)
    return {name: np.concatenate(part) for name, part in parts.items()}, np.concatenate(actions)

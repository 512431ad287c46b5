"""From the association of dimensions and factors to scores per factor: the two halves of OMES, overlap and multiple encoding.

With S [D, F] over the D active dimensions and F factors (Dapueto et al. 2024, arXiv 2409.18017, equations 2 to 5):
    o(k, i) = 1 - mean over factors f of |1[f = i] - S[k, f]|      dimension k changes with factor i and with no other
    m(k, i) = 1 - mean over dimensions q of |1[q = k] - S[q, i]|   factor i changes dimension k and no other
`max` pooling: OS_i = max_k o(k, i) S[k, i]; `avg` pooling: the mean of o(k, i) S[k, i] with weights S[k, i]. MES_i likewise
with m. A factor's score is alpha * OS_i + (1 - alpha) * MES_i.
"""

from __future__ import annotations

import numpy as np

POOLINGS = ("max", "avg")


def overlap(association: np.ndarray) -> np.ndarray:
    """o(k, i) for every dimension and factor: [..., D, F] -> [..., D, F], between 0 and 1."""
    factors = association.shape[-1]
    found: np.ndarray = 1 - 1 / factors + (2 * association - association.sum(axis=-1, keepdims=True)) / factors
    return found


def multiple_encoding(association: np.ndarray) -> np.ndarray:
    """m(k, i) for every dimension and factor: [..., D, F] -> [..., D, F], between 0 and 1."""
    dimensions = association.shape[-2]
    found: np.ndarray = 1 - 1 / dimensions + (2 * association - association.sum(axis=-2, keepdims=True)) / dimensions
    return found


def pooled(scores: np.ndarray, association: np.ndarray, pooling: str) -> np.ndarray:
    """One score per factor from o or m: [..., D, F] -> [..., F]; 0 for a factor that no dimension changes with."""
    products: np.ndarray = scores * association
    if pooling == "max":
        best: np.ndarray = products.max(axis=-2)
        return best
    weights = association.sum(axis=-2)
    average: np.ndarray = np.divide((products * association).sum(axis=-2), weights, out=np.zeros_like(weights), where=weights > 0)
    return average


def factor_scores(association: np.ndarray, pooling: str, alphas: np.ndarray) -> np.ndarray:
    """Scores per alpha and factor: [..., D, F] -> [..., A, F]."""
    separate = pooled(overlap(association), association, pooling)[..., None, :]
    compact = pooled(multiple_encoding(association), association, pooling)[..., None, :]
    scores: np.ndarray = alphas[:, None] * separate + (1 - alphas[:, None]) * compact
    return scores

"""Scores of codes whose factors of variation are known. OMES and OMESFactors are what the authors of OMES publish."""

from metrics.omes_scores import OMES, OMESFactors

__all__ = ["OMES", "OMESFactors"]

"""Comparisons of people who were not allocated: scores, weights, predictions."""

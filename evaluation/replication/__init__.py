"""Packs with which an academic re-runs an evaluation: plan, codebook, data, numbers, scripts in Python and R."""

"""Outcomes judged together: families, and p-values that allow for how many there are."""

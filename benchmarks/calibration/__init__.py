"""Known truth on a grid: how often intervals cover, and how often verdicts err."""

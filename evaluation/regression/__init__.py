"""Regressions on matrices we build ourselves, and ratios out of them."""

"""Synthetic control: weighted pools of other areas, their placebos and their intervals."""

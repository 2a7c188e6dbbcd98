"""Copies of the store and their way back."""

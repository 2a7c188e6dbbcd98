"""Agreements about data, and the gates they keep."""

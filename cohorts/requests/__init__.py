"""Requests of people about their data, carried out: what stands around ``rights.py``."""

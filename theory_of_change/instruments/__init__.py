"""Instruments: answers scored by their keys, offences weighed by their harm."""

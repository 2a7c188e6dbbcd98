"""Faults on purpose: killed processes, two at once, a full disk, odd clocks and places."""

"""Interrupted time series: many series at once, errors that allow for time, what-if lines."""

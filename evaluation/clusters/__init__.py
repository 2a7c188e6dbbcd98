"""Trials of clusters: mixed models, robust errors, layouts, levels, growth."""

"""Tests of the cohort floor."""

"""Tests of the claims linter and its parts."""

"""Versions of a theory that were kept, and how one differs from another, in words."""

"""The ground floor: what we hope changes, and how it would show."""

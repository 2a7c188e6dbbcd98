"""A partner's file: its mapping, its text, its rows as clean observations."""

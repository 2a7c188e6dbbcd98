"""A first theory by question and answer."""

"""A theory drawn: stages as columns, links in lanes of their own, a sign on every tested link."""

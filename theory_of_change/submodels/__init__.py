"""Models of partners, joined with the theory by the outcomes they share."""

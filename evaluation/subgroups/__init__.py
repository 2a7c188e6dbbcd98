"""Whether the effect differs between groups of people."""

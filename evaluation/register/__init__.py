"""Every planned evaluation, what became of it, and what was said of it since: nothing in it is ever changed."""

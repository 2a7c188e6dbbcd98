"""The whole program, as its users type it."""

"""Where the next limits of size are, measured."""

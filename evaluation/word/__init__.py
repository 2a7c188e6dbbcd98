"""A page of a report as a Word file: the same words, numbers and order, with what Word needs to be read aloud."""

"""A page of a report as a PDF, printed by a browser found on the machine."""

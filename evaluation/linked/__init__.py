"""What linkage adds to an evaluation: its error, and how records were found."""

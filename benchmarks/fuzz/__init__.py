"""Files broken on purpose: whatever a parser is given, it answers with one of our errors, and quotes no person."""

"""The foundations: project folder, settings, database, audit log, errors, console."""

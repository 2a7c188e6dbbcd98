"""Sentences of a report that the team words anew, held against the result before they are shown."""

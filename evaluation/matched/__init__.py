"""People matched with people: who with whom, the effect, and what would undo it."""

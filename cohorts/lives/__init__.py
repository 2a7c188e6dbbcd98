"""What happens to people between waves: spells, events, exposures, relations, and what is worked out of them."""

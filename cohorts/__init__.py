"""The first floor: people under pseudonym, waves, observations."""

"""Times to an event, and events that come back."""

"""What the codes of this floor mean, a file a topic."""

"""Evidence from elsewhere, and what is claimed of ours."""

"""What others found, what they say, and what all of it comes to when it is put together."""

"""Keys and what they lock: key files, escrow, rotation, the seal, the identity vault, the tokens."""

"""Row-level releases to named safe settings: what may leave, how it leaves, and the register of what left."""

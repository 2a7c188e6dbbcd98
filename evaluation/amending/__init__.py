"""Plans after their lock: registered versions, what changed between them, and planned against reported."""

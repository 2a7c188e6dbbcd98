"""Who was seen, who was lost, how complete the values are: what stands around ``follow_up.py``."""

"""A synthetic twin at the edge: what stands around ``synthetic.py``."""

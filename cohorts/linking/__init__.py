"""Records of one person joined across sources: what stands around ``linkage.py``."""

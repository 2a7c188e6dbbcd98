"""Definitions as versioned lists of codes: which offences count, and what of another scheme they correspond to."""

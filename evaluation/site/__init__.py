"""The evidence site: every planned evaluation in words, as pages that work from a folder."""

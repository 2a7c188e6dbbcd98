"""Several studies of one question put together: averages, how far studies differ, what may be missing."""

"""Claims in words: what a text says of results, held against the results and against what words can bear."""

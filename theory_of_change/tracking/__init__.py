"""Success measures over time: what is tracked, the figures as they come in, how they moved, what is wrong in them."""

"""Before and after, with and without: differences in differences, their paths through time and their doubts."""

"""What a plan could show with the people, clusters, areas or periods it has, by method; before, during and after."""

"""The theory for other programs: Mermaid, Graphviz, DAGitty."""

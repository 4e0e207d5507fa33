"""What the three questions share: fusion, tree ensembles, and what a reranker is."""

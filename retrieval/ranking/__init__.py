"""What search, continue and locate share: fusion, tree ensembles, and the protocol of rerankers."""

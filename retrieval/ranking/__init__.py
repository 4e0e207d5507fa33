"""What search, continue and locate share: fusion, tables of features, tree ensembles, rerankers, wording."""

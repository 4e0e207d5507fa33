"""What search, continue and locate share.

The modules contain functions on scores, tables of features, tree ensembles, the protocol of rerankers, and
functions that extract parts of a function's text.
"""

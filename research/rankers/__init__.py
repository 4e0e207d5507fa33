"""How the rankers of the three questions are trained."""

"""Data sets of questions and answers, in the forms that others publish them in."""

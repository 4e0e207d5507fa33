"""Data sets of questions and answers: reads published ones, and extracts functions to make new ones."""

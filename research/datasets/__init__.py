"""Reads data sets of questions and answers, and extracts functions from which new data sets are made."""

"""Locate: finds the functions that must change for an issue."""

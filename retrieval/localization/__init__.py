"""Locate: from an issue's text to the functions that must change."""

"""Trains the bundled embedding model."""

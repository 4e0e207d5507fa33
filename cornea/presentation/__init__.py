"""Formats answers, tables and progress for people and for programs."""

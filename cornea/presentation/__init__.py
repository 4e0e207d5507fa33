"""Answers, tables and progress as people and programs see them."""

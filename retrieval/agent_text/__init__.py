"""Answers as text for coding agents, which pay for every token: never longer than a budget."""

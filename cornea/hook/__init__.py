"""Answers the hooks of agents: after an agent has searched, it is told more about what matched.

The modules import little, because a hook delays its agent. `run` is the way in.
"""

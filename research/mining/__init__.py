"""Training pairs and tasks from the history and the code of local repositories."""

"""A file's points: by worker processes, or from the cache."""

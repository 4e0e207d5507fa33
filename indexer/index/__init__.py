"""An index on disk: its folder and manifest, and how it is written and compacted."""

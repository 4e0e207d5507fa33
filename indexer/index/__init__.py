"""An index on disk: its manifest, its writer, its place among others, and what keeps it small."""

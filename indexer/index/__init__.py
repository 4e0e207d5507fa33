"""An index on disk: its folder, manifest, writer and compaction."""

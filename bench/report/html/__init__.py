"""The page that comes out of a run: one file, works offline and on paper."""

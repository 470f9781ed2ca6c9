"""Material for a course on the bench; not part of what is installed."""

"""In: which elections exist, their tables, and evidence cut at one moment."""

"""A static site made of runs, reference results, elections, methods and data cards."""

"""Commands around the one run, one file each; the first line of a file's docstring is its help."""

"""A forecast hub on the layout of hubverse: anybody submits, all are checked and scored alike."""

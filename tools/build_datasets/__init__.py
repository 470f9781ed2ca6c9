"""From raw files to `datasets/`: what a maintainer runs again when a source is corrected."""

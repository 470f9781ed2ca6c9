"""Figures that can be published, one file each."""

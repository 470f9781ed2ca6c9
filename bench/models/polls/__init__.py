"""Polls as arrays, means and filters of them, and the errors they have made before."""

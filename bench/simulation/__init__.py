"""Electorates whose vote is known, instruments that ask them, and ways to distort the answers."""

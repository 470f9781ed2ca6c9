"""Electorates whose vote is known, instruments that ask them, and ways to spoil the answers."""

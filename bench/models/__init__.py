"""Arithmetic that at least two predictors use."""

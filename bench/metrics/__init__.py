"""Metrics: how far a forecast lies from the outcome.

Every metric is a pure function of NumPy arrays, with any leading dimensions, that states its
formula, unit, range, direction and source; `bench.metrics.registry.metrics` lists them all.
Errors are stored per candidate; roots and means of many elections are taken afterwards, because an
average of roots is not a root of averages.
"""

"""This room holds the scores: how far a forecast lies from the outcome.

Every score is a pure function of NumPy arrays and states its formula, unit, range,
direction and source. Errors are stored per candidate; roots and means of many
elections are taken afterwards, because an average of roots is not a root of averages.
"""

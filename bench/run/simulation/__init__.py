"""Simulation studies: an electorate with a known vote, evidence collected from it and spoilt."""

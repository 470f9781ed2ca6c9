"""How the work of a run is done: one attempt at a time, isolated from all others."""

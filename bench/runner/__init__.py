"""How work is done: one pipeline for every study, one door to predictors, one cache."""

"""Files of polls into the tables of an election."""

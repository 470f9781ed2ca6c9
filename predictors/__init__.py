"""The contestants: one file each, whose name is the row of the table."""

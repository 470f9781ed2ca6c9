"""Building blocks that methods and studies share."""

"""The harness of election-bench: runs methods of predicting an election against what happened."""

__version__ = "0.1.0"

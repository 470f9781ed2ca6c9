"""What `bench score` shows: sealed forecasts after the vote, as a report."""

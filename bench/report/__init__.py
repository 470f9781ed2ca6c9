"""Tables, figures and the page that come out of a run."""

"""What follows from the facts: travel times, coverage, gaps, and how a result is drawn."""

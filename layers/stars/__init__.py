"""Star grades of living circles: points by sub-circle, what lacks to the next star, how the grades spread."""

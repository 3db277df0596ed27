"""The plan's targets held against the data and against what was filed: values, states, the board."""

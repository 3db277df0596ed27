"""Supply and demand: what the facilities of an element can take, against the people who can walk to them."""

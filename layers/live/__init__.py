"""The city under a scenario at once: only what an edit can change is computed, and it is proven equal afterwards."""

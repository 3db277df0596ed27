"""What is true about the city: facts, coordinates, formats, the store. No opinions, no pictures."""

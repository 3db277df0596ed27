"""Which control changes which picture: component ids and the wires between them."""

"""How firm a verdict is: the same rule under plausible inputs, what to look at in the field, and its way back in."""

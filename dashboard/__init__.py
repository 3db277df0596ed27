"""What is on the screen, and the one place where everything is put together."""

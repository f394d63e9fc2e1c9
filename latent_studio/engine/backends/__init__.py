"""Ways to run a network: one class a runtime."""

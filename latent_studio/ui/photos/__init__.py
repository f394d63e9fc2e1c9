"""Own photographs: aligned, found in a model, compared."""

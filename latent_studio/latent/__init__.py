"""Latents: sampling, truncation, mixing, interpolation, directions and how they are found."""
